# frozen_string_literal: true

# Runs the connector's lambdas with what Workato gives them, scripted: ruby test/connector_test.rb
require 'base64'
require 'json'
require 'openssl'
require 'uri'

# What Workato adds to texts.
class String
  def encode_url = URI.encode_www_form_component(self)
  def encode_base64 = Base64.strict_encode64(self)
  def decode_base64 = Base64.decode64(self)
  def hmac_sha256(key) = OpenSSL::HMAC.digest('SHA256', key, self)
end

# A request as it is put together, and the answer that the test scripted for it.
class Request
  attr_reader :made

  def initialize(made, answer)
    @made = made
    @answer = answer
  end

  %i[headers params payload user password].each do |name|
    define_method(name) { |*values, **named| @made[name] = values.first || named; self }
  end
  %i[request_format_www_form_urlencoded response_format_raw].each { |name| define_method(name) { self } }

  def after_error_response(*)
    code, body = @answer
    code < 400 ? body : yield(code, body, {}, '')
  end

  def slice(*names) = @answer.last.slice(*names)
end

# Workato's runtime, as far as the connector uses it.
class Workato
  attr_reader :calls, :connector
  attr_accessor :answer, :clock

  def initialize
    @calls = []
    @answer = [200, {}]
    @connector = instance_eval(File.read(File.join(__dir__, '..', 'connector.rb')))
  end

  %i[get post delete].each do |method|
    define_method(method) do |path, body = nil, **named|
      @calls << { method: method, path: path, body: body || (named unless named.empty?) }
      Request.new(@calls.last, @answer)
    end
  end

  def call(name, input) = instance_exec(input, &@connector[:methods][name.to_sym])
  def parse_json(text) = JSON.parse(text)
  def error(message) = raise(message)
  def now = @clock
  def run(action, input) = instance_exec({}, input, &@connector[:actions][action][:execute])
end

@passed = 0
def check(name, actual, expected)
  raise "#{name}: #{actual.inspect} is not #{expected.inspect}" unless actual == expected

  @passed += 1
end

workato = Workato.new
connection = { 'api_url' => 'https://api.example.com/v1/', 'token_url' => 'https://auth.example.com/oauth2/token', 'client_id' => 'c', 'client_secret' => 's' }

workato.answer = [200, { 'access_token' => 't', 'expires_in' => 3600 }]
token = workato.instance_exec(connection, &workato.connector[:connection][:authorization][:acquire])
check('only the token is kept', token, { 'access_token' => 't' })
check('client credentials', workato.calls.last.values_at(:path, :user, :payload), [connection['token_url'], 'c', { grant_type: 'client_credentials' }])
check('base', workato.connector[:connection][:base_uri].call(connection), 'https://api.example.com/v1/')

workato.answer = [201, { 'reference' => 'VH-1', 'offers' => [] }]
workato.run(:save_booking, {
  'reference' => 'VH-1', 'external_reference' => '4711', 'destinations' => [{ 'iso_country' => 'jp', 'from' => '2027-03-02', 'to' => '2027-03-10' }],
  'traveller' => { 'name' => 'Camille', 'email' => 'c@example.com', 'phone' => '' }
})
check('a booking', workato.calls.last[:body], {
  'reference' => 'VH-1', 'external_reference' => '4711', 'destinations' => [{ 'iso_country' => 'JP', 'from' => '2027-03-02', 'to' => '2027-03-10' }],
  'traveller' => { 'name' => 'Camille', 'email' => 'c@example.com' }
})

workato.run(:get_booking, { 'reference' => 'A/B c' })
check('one part of a path', workato.calls.last[:path], 'bookings/A%2FB%20c')

workato.answer = [202, { 'order_id' => 'ord_1', 'status' => 'queued' }]
order = workato.run(:place_order, { 'idempotency_key' => 'k-1', 'external_reference' => '4711', 'package_id' => 'a:b' })
check('an open order is handed on', order['status'], 'queued')
check('the key is a header', workato.calls.last[:headers], { 'X-Idempotency-Key' => 'k-1' })
check('the key is no field', workato.calls.last[:body], { 'external_reference' => '4711', 'package_id' => 'a:b' })
workato.run(:place_order, { 'idempotency_key' => 'k-3', 'external_reference' => '4711', 'package_id' => 'a:b', 'deliver_on' => '2027-05-02' })
check('a later day', workato.calls.last[:body], { 'external_reference' => '4711', 'package_id' => 'a:b', 'deliver_on' => '2027-05-02' })
workato.run(:top_up, { 'idempotency_key' => 'k-2', 'esim_id' => 'esim_1', 'package_id' => 'a:t' })
check('a top-up', workato.calls.last.values_at(:path, :body, :headers), ['esims/esim_1/topup', { 'package_id' => 'a:t' }, { 'X-Idempotency-Key' => 'k-2' }])

workato.answer = [422, JSON.generate('code' => 'order_rejected', 'detail' => 'Out of stock.', 'trace_id' => 't-1', 'errors' => [{ 'field' => 'order', 'message' => 'out_of_stock' }])]
begin
  workato.run(:place_order, { 'idempotency_key' => 'k', 'package_id' => 'a' })
  raise 'a refusal is an error'
rescue RuntimeError => e
  check('a refusal says why', e.message, 'Out of stock.; order: out_of_stock (order_rejected, trace t-1)')
end

workato.answer = [503, { 'status' => 'down', 'accounts' => [] }]
check('a report of 503 is an answer', workato.run(:get_health, {})['status'], 'down')

workato.answer = [201, { 'url' => 'u', 'expires_at' => 'e' }]
workato.run(:get_link, { 'page' => 'panel', 'booking_reference' => 'VH-1', 'esim_id' => '' })
check('a link', workato.calls.last.values_at(:path, :body), ['links', { 'page' => 'panel', 'booking_reference' => 'VH-1' }])

# The trigger, with the example of the Standard Webhooks specification.
trigger = workato.connector[:triggers][:new_event]
secret = { 'secret' => 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'subscription_id' => 'sub_1' }
payload = '{"test": 2432232314}'
signed = { 'Webhook-Id' => 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'Webhook-Timestamp' => '1614265330', 'Webhook-Signature' => 'v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' }
notify = ->(body, headers) { workato.instance_exec({}, body, [], [], headers, {}, connection, secret, &trigger[:webhook_notification]) }
workato.clock = Time.at(1_614_265_330)
check('a genuine event', notify.call(payload, signed), { 'test' => 2_432_232_314, 'webhook_id' => 'msg_p5jXN8AQM9LWM0D4loKWxJek' })
check('another body', notify.call("#{payload} ", signed), nil)
check('no headers', notify.call(payload, {}), nil)
workato.clock = Time.at(1_614_265_330 + 301)
check('too old', notify.call(payload, signed), nil)

workato.answer = [201, { 'subscription_id' => 'sub_1', 'secret' => 's' }]
workato.instance_exec('https://www.workato.com/webhooks/1', connection, { 'events' => 'esim.activated,esim.expired' }, &trigger[:webhook_subscribe])
check('subscribing', workato.calls.last[:body], { 'url' => 'https://www.workato.com/webhooks/1', 'events' => %w[esim.activated esim.expired] })
workato.answer = [204, {}]
workato.instance_exec(secret, connection, &trigger[:webhook_unsubscribe])
check('unsubscribing', workato.calls.last.values_at(:method, :path), [:delete, 'webhooks/sub_1'])

puts "#{@passed} passed, 0 failed"
