# frozen_string_literal: true

# Passerelle for Workato: eSIMs for trips. Written against openapi.yaml; upload it as a custom connector.
{
  title: 'Passerelle',

  connection: {
    fields: [
      { name: 'api_url', label: 'API URL', optional: false, hint: 'Output ApiUrl of the deployment, such as https://api.passerelle.example/v1' },
      { name: 'token_url', label: 'Token URL', optional: false, hint: 'Output TokenUrl of the deployment' },
      { name: 'client_id', label: 'Client ID', optional: false },
      { name: 'client_secret', label: 'Client secret', control_type: 'password', optional: false }
    ],

    # OAuth 2.0 client credentials: Workato's own type "oauth2" is for people who log in.
    authorization: {
      type: 'custom_auth',

      acquire: lambda do |connection|
        post(connection['token_url'])
          .user(connection['client_id'])
          .password(connection['client_secret'])
          .payload(grant_type: 'client_credentials')
          .request_format_www_form_urlencoded
          .slice('access_token')
      end,

      refresh_on: [401],

      apply: lambda do |connection|
        headers('Authorization' => "Bearer #{connection['access_token']}", 'X-API-Version' => '2024-10')
      end
    },

    # The slash at the end keeps the stage in the path.
    base_uri: lambda do |connection|
      "#{connection['api_url'].chomp('/')}/"
    end
  },

  test: lambda do |_connection|
    get('catalog/packages').params(limit: 1)
  end,

  methods: {
    # A problem document (RFC 9457), in one line for a person.
    problem: lambda do |input|
      document = input['body'].is_a?(Hash) ? input['body'] : (parse_json(input['body'].to_s) || {})
      fields = (document['errors'] || []).map { |fault| "#{fault['field']}: #{fault['message']}" }
      said = [document['detail'] || "Passerelle answered #{input['code']}", *fields].uniq.join('; ')
      marks = [document['code'], document['trace_id'] && "trace #{document['trace_id']}"].compact.join(', ')
      marks.empty? ? said : "#{said} (#{marks})"
    end,

    # One part of a path.
    part: lambda do |value|
      value.to_s.encode_url.gsub('+', '%20')
    end,

    # What was left empty is not sent.
    filled: lambda do |values|
      values.reject { |_, value| value.nil? || value == '' || value == {} || value == [] }
    end,

    traveller: lambda do |input|
      call('filled', {
        'name' => input['name'], 'email' => input['email'], 'phone' => input['phone'], 'locale' => input['locale']
      })
    end
  },

  object_definitions: {
    traveller: {
      fields: lambda do |_connection, _config|
        [
          { name: 'name', hint: 'Name as the traveller is greeted with' },
          { name: 'email', control_type: 'email', hint: 'Where the QR code is sent' },
          { name: 'phone', control_type: 'phone' },
          { name: 'locale', control_type: 'select', pick_list: 'locales', hint: "The agency's own when empty" }
        ]
      end
    },

    new_booking: {
      fields: lambda do |_connection, _config, object_definitions|
        [
          { name: 'reference', optional: false, hint: "The agency's dossier number; the same again changes the booking" },
          { name: 'external_reference', optional: false, hint: "The CRM's ID of the customer or dossier" },
          { name: 'destinations', type: 'array', of: 'object', optional: false, properties: object_definitions['destination'] },
          { name: 'traveller', type: 'object', optional: false, properties: object_definitions['traveller'] },
          { name: 'companions', type: 'array', of: 'object', properties: object_definitions['traveller'], hint: 'Who travels along; each gets an eSIM by an order of their own' },
          { name: 'crm', label: 'CRM', type: 'object', properties: [
            { name: 'deal_id', label: 'Deal ID' }, { name: 'contact_id', label: 'Contact ID' }, { name: 'owner_id', label: 'Owner ID' }
          ] }
        ]
      end
    },

    destination: {
      fields: lambda do |_connection, _config|
        [
          { name: 'iso_country', label: 'Country', optional: false, hint: 'ISO 3166-1 alpha-2 code, such as JP' },
          { name: 'from', type: 'date', optional: false, hint: 'First day, local to the destination' },
          { name: 'to', type: 'date', optional: false, hint: 'Last day, local to the destination' }
        ]
      end
    },

    package: {
      fields: lambda do |_connection, _config|
        [
          { name: 'package_id', label: 'Package ID' }, { name: 'provider' }, { name: 'title' },
          { name: 'iso_countries', type: 'array', of: 'string' },
          { name: 'data_volume_mb', type: 'integer', hint: 'MB of 1,048,576 bytes; empty means unlimited' },
          { name: 'validity_days', type: 'integer' }, { name: 'price', type: 'number' }, { name: 'currency' },
          { name: 'network_operators', type: 'array', of: 'string' }, { name: 'topup', type: 'boolean' }
        ]
      end
    },

    offer: {
      fields: lambda do |_connection, _config, object_definitions|
        [
          { name: 'rank', type: 'integer' },
          { name: 'package_id', label: 'Package ID', hint: 'What to order; empty when the offer is more than one package' },
          { name: 'packages', type: 'array', of: 'object', properties: object_definitions['package'].concat([{ name: 'times', type: 'integer' }]) },
          { name: 'price', type: 'number' }, { name: 'currency' },
          { name: 'comparison', type: 'object', hint: 'About what the price is in the currency that offers are compared in; nobody is charged by it', properties: [
            { name: 'price', type: 'number' }, { name: 'currency' }, { name: 'rate', type: 'number' }, { name: 'date', type: 'date' }
          ] },
          { name: 'reasons', type: 'array', of: 'object', properties: [{ name: 'code' }, { name: 'text' }] }
        ]
      end
    },

    booking: {
      fields: lambda do |_connection, _config, object_definitions|
        object_definitions['new_booking'].concat(
          [{ name: 'offers', type: 'array', of: 'object', properties: object_definitions['offer'] }, { name: 'cancelled', type: 'boolean' },
           { name: 'trace_id', label: 'Trace ID' }]
        )
      end
    },

    order: {
      fields: lambda do |_connection, _config|
        [
          { name: 'order_id', label: 'Order ID' }, { name: 'status' }, { name: 'esim_id', label: 'eSIM ID' },
          { name: 'external_reference' }, { name: 'trace_id', label: 'Trace ID' }
        ]
      end
    },

    order_details: {
      fields: lambda do |_connection, _config, object_definitions|
        object_definitions['order'].concat(
          [
            { name: 'package_id', label: 'Package ID' }, { name: 'moved_from', type: 'array', of: 'string' }, { name: 'booking_reference' }, { name: 'deliver_on' },
            { name: 'history', type: 'array', of: 'object', properties: [{ name: 'at', type: 'date_time' }, { name: 'status' }, { name: 'note' }] },
            { name: 'problem', type: 'object', properties: [{ name: 'code' }, { name: 'detail' }] }
          ]
        )
      end
    },

    esim: {
      fields: lambda do |_connection, _config|
        [
          { name: 'esim_id', label: 'eSIM ID' }, { name: 'status' }, { name: 'order_id', label: 'Order ID' }, { name: 'iccid', label: 'ICCID' },
          { name: 'lpa_code', label: 'LPA code' }, { name: 'smdp_address', label: 'SM-DP+ address' }, { name: 'manual_activation_code' },
          { name: 'confirmation_code_required', type: 'boolean' }, { name: 'qr_code_url', label: 'QR code URL' },
          { name: 'install', type: 'object', properties: [{ name: 'ios', label: 'iOS' }, { name: 'android' }] }
        ]
      end
    },

    page: {
      fields: lambda do |_connection, _config|
        [
          { name: 'page', control_type: 'select', pick_list: 'pages', optional: false },
          { name: 'booking_reference', hint: "For the adviser's panel" },
          { name: 'esim_id', label: 'eSIM ID', hint: "For the traveller's page" }
        ]
      end
    },

    usage: {
      fields: lambda do |_connection, _config|
        [
          { name: 'status' }, { name: 'data_used_mb', type: 'integer' }, { name: 'data_remaining_mb', type: 'integer' },
          { name: 'data_total_mb', type: 'integer' }, { name: 'expiry_date', type: 'date_time' }, { name: 'measured_at', type: 'date_time' }
        ]
      end
    },

    event: {
      fields: lambda do |_connection, _config|
        [
          { name: 'webhook_id', label: 'Webhook ID' }, { name: 'type' }, { name: 'timestamp', type: 'date_time' },
          { name: 'data', type: 'object', properties: [
            { name: 'esim_id', label: 'eSIM ID' }, { name: 'order_id', label: 'Order ID' }, { name: 'external_reference' }, { name: 'booking_reference' },
            { name: 'status' }, { name: 'threshold', type: 'integer' }, { name: 'data_used_mb', type: 'integer' },
            { name: 'data_total_mb', type: 'integer' }, { name: 'expiry_date', type: 'date_time' }
          ] }
        ]
      end
    }
  },

  actions: {
    save_booking: {
      title: 'Create or update booking',
      subtitle: 'Send a trip and get the data plans that suit it',
      input_fields: ->(object_definitions) { object_definitions['new_booking'] },
      execute: lambda do |_connection, input|
        body = {
          'reference' => input['reference'], 'external_reference' => input['external_reference'],
          'destinations' => (input['destinations'] || []).map do |stay|
            { 'iso_country' => stay['iso_country'].to_s.upcase, 'from' => stay['from'].to_s[0, 10], 'to' => stay['to'].to_s[0, 10] }
          end,
          'traveller' => call('traveller', input['traveller'] || {}),
          'companions' => (input['companions'] || []).map { |companion| call('traveller', companion) },
          'crm' => call('filled', input['crm'] || {})
        }
        post('bookings', call('filled', body)).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(object_definitions) { object_definitions['booking'] },
      retry_on_response: [409, 429, 503, 504], retry_on_request: %w[GET POST], max_retries: 3
    },

    get_booking: {
      title: 'Get booking',
      subtitle: 'Read a booking and its offers',
      input_fields: ->(_object_definitions) { [{ name: 'reference', optional: false }] },
      execute: lambda do |_connection, input|
        get("bookings/#{call('part', input['reference'])}").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(object_definitions) { object_definitions['booking'] },
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    take_amadeus_file: {
      title: 'Take in Amadeus file',
      subtitle: 'Make, change and cancel bookings from Amadeus interface records (AIR)',
      input_fields: ->(_object_definitions) { [{ name: 'file', optional: false, control_type: 'text-area', hint: 'The text of the file as Amadeus drops it' }] },
      execute: lambda do |_connection, input|
        post('intake/amadeus/air', { 'file' => input['file'] }).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'records', type: 'array', of: 'object', properties: [
            { name: 'line', type: 'integer' }, { name: 'locator' }, { name: 'message_type' }, { name: 'sequence' }, { name: 'reference' }, { name: 'wish' },
            { name: 'outcome' }, { name: 'reason', type: 'object', properties: [{ name: 'code' }, { name: 'text' }] }
          ] },
          { name: 'trace_id', label: 'Trace ID' }
        ]
      end,
      retry_on_response: [409, 429, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    take_amadeus_pnr: {
      title: 'Take in Amadeus PNR',
      subtitle: 'Make, change and cancel a booking from a PNR_Reply or a flight order',
      input_fields: ->(_object_definitions) { [{ name: 'file', optional: false, control_type: 'text-area', hint: 'The text of the answer, XML or JSON, as Amadeus gave it' }] },
      execute: lambda do |_connection, input|
        post('intake/amadeus/pnr', { 'file' => input['file'] }).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'records', type: 'array', of: 'object', properties: [
            { name: 'line', type: 'integer' }, { name: 'locator' }, { name: 'message_type' }, { name: 'sequence' }, { name: 'reference' }, { name: 'wish' },
            { name: 'outcome' }, { name: 'reason', type: 'object', properties: [{ name: 'code' }, { name: 'text' }] }
          ] },
          { name: 'trace_id', label: 'Trace ID' }
        ]
      end,
      retry_on_response: [409, 429, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    take_feed_file: {
      title: 'Take in feed file',
      subtitle: 'Make, change and cancel bookings from a file of a back office or booking tool',
      input_fields: lambda do |_object_definitions|
        [
          { name: 'mapping', optional: false, hint: "The name of the mapping in the agency's settings" },
          { name: 'file', optional: false, control_type: 'text-area', hint: 'The text of the file: CSV, TSV, JSON lines or XML' }
        ]
      end,
      execute: lambda do |_connection, input|
        post("intake/feed/#{call('part', input['mapping'])}", { 'file' => input['file'] }).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |_object_definitions|
        reason = [{ name: 'code' }, { name: 'text' }]
        [
          { name: 'outcome' }, { name: 'rows', type: 'integer' },
          { name: 'bookings', type: 'array', of: 'object', properties: [
            { name: 'reference' }, { name: 'outcome' }, { name: 'reason', type: 'object', properties: reason }
          ] },
          { name: 'rejects', type: 'array', of: 'object', properties: [
            { name: 'line', type: 'integer' }, { name: 'column' }, { name: 'code' }, { name: 'text' }, { name: 'reference' }
          ] },
          { name: 'notes', type: 'array', of: 'object', properties: reason },
          { name: 'snapshot', type: 'object', properties: [
            { name: 'outcome' }, { name: 'expected', type: 'integer' }, { name: 'vanished', type: 'integer' },
            { name: 'reason', type: 'object', properties: reason }
          ] },
          { name: 'trace_id', label: 'Trace ID' }
        ]
      end,
      retry_on_response: [409, 429, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    list_offers: {
      title: 'List offers',
      subtitle: 'List the data plans that suit a booking, best first',
      input_fields: ->(_object_definitions) { [{ name: 'reference', optional: false }] },
      execute: lambda do |_connection, input|
        get("bookings/#{call('part', input['reference'])}/offers").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |object_definitions|
        [{ name: 'booking_reference' }, { name: 'offers', type: 'array', of: 'object', properties: object_definitions['offer'] }]
      end,
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    list_packages: {
      title: 'List packages',
      subtitle: 'One page of the catalogue',
      input_fields: lambda do |_object_definitions|
        [
          { name: 'iso_country', label: 'Country' }, { name: 'days', type: 'integer' }, { name: 'data_mb', label: 'Data (MB)', type: 'integer' },
          { name: 'cursor', hint: 'The next cursor of the page before' }, { name: 'limit', type: 'integer' }
        ]
      end,
      execute: lambda do |_connection, input|
        get('catalog/packages').params(call('filled', input)).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |object_definitions|
        [{ name: 'packages', type: 'array', of: 'object', properties: object_definitions['package'] }, { name: 'next_cursor' }]
      end,
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    place_order: {
      title: 'Order eSIM',
      subtitle: 'Buy one eSIM, exactly once for one idempotency key',
      help: 'The status queued, placing, unknown or accepted is not decided yet: use Get order, or the trigger. Never order again with another key.',
      input_fields: lambda do |object_definitions|
        [
          { name: 'idempotency_key', optional: false, hint: 'Stays the same when the job runs again for the same purchase: dossier number and a counter. Never a random value' },
          { name: 'external_reference', optional: false }, { name: 'package_id', label: 'Package ID', optional: false },
          { name: 'booking_reference' }, { name: 'traveller', type: 'object', properties: object_definitions['traveller'] },
          { name: 'deliver_on', hint: 'The day on which the eSIM is to be delivered, YYYY-MM-DD; empty delivers it at once' }
        ]
      end,
      execute: lambda do |_connection, input|
        body = {
          'external_reference' => input['external_reference'], 'package_id' => input['package_id'],
          'booking_reference' => input['booking_reference'], 'deliver_on' => input['deliver_on'],
          'traveller' => call('traveller', input['traveller'] || {})
        }
        post('orders', call('filled', body))
          .headers('X-Idempotency-Key' => input['idempotency_key'])
          .after_error_response(/.*/) do |code, answer, _headers, _message|
            error(call('problem', { 'code' => code, 'body' => answer }))
          end
      end,
      output_fields: ->(object_definitions) { object_definitions['order'] },
      # The repeat carries the same key, so that it never buys again.
      retry_on_response: [409, 429, 500, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    get_order: {
      title: 'Get order',
      subtitle: 'Read an order and its history',
      input_fields: ->(_object_definitions) { [{ name: 'order_id', label: 'Order ID', optional: false }] },
      execute: lambda do |_connection, input|
        get("orders/#{call('part', input['order_id'])}").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(object_definitions) { object_definitions['order_details'] },
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    get_esim: {
      title: 'Get eSIM',
      subtitle: 'Read an eSIM and its codes, which are secrets',
      input_fields: ->(_object_definitions) { [{ name: 'esim_id', label: 'eSIM ID', optional: false }] },
      execute: lambda do |_connection, input|
        get("esims/#{call('part', input['esim_id'])}").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(object_definitions) { object_definitions['esim'] },
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    get_qr_code: {
      title: 'Get QR code',
      subtitle: 'Get the QR code of an eSIM as an image (PNG)',
      input_fields: ->(_object_definitions) { [{ name: 'esim_id', label: 'eSIM ID', optional: false }] },
      execute: lambda do |_connection, input|
        image = get("esims/#{call('part', input['esim_id'])}/qr.png")
                .headers('Accept' => 'image/png, application/problem+json')
                .response_format_raw
                .after_error_response(/.*/) do |code, answer, _headers, _message|
                  error(call('problem', { 'code' => code, 'body' => answer }))
                end
        { 'content' => image }
      end,
      output_fields: ->(_object_definitions) { [{ name: 'content' }] },
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    get_usage: {
      title: 'Get usage',
      subtitle: 'Read how much data of an eSIM is used',
      input_fields: ->(_object_definitions) { [{ name: 'esim_id', label: 'eSIM ID', optional: false }] },
      execute: lambda do |_connection, input|
        get("esims/#{call('part', input['esim_id'])}/usage").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(object_definitions) { object_definitions['usage'] },
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    list_topups: {
      title: 'List top-ups',
      subtitle: 'List what an eSIM can be topped up with now',
      input_fields: ->(_object_definitions) { [{ name: 'esim_id', label: 'eSIM ID', optional: false }] },
      execute: lambda do |_connection, input|
        get("esims/#{call('part', input['esim_id'])}/topups").after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |object_definitions|
        [{ name: 'packages', type: 'array', of: 'object', properties: object_definitions['package'] }]
      end,
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    get_link: {
      title: 'Get link to page',
      subtitle: "Get the address of the adviser's panel or the traveller's page",
      help: 'Whoever has the address may use the page, and the panel can buy: ask for it when the page is about to be shown.',
      input_fields: lambda do |object_definitions|
        object_definitions['page'].concat([{ name: 'valid_minutes', type: 'integer', hint: 'The usual time of that page when empty' }])
      end,
      execute: lambda do |_connection, input|
        post('links', call('filled', input)).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: ->(_object_definitions) { [{ name: 'url', label: 'URL' }, { name: 'expires_at', type: 'date_time' }] },
      retry_on_response: [429, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    revoke_links: {
      title: 'Revoke links to page',
      subtitle: 'Take back every link to a page',
      input_fields: ->(object_definitions) { object_definitions['page'] },
      execute: lambda do |_connection, input|
        post('links/revoke', call('filled', input)).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
        { 'success' => true }
      end,
      output_fields: ->(_object_definitions) { [{ name: 'success', type: 'boolean' }] },
      retry_on_response: [429, 503, 504], retry_on_request: %w[POST], max_retries: 3
    },

    list_sales: {
      title: 'List sales',
      subtitle: 'What was sold on some days, one line a sale, top-up or correction',
      input_fields: lambda do |_object_definitions|
        [
          { name: 'from', optional: false, type: 'date', hint: "The first day, in the agency's time zone" },
          { name: 'to', type: 'date', hint: 'The last day, 31 days at most' }
        ]
      end,
      execute: lambda do |_connection, input|
        get('exports/sales', input).after_error_response(/.*/) do |code, answer, _headers, _message|
          error(call('problem', { 'code' => code, 'body' => answer }))
        end
      end,
      output_fields: lambda do |_object_definitions|
        [
          { name: 'from' }, { name: 'to' }, { name: 'complete', type: 'boolean' },
          { name: 'lines', type: 'array', of: 'object', properties: [
            { name: 'line_id' }, { name: 'event' }, { name: 'order_date' }, { name: 'sold_at' }, { name: 'order_id' }, { name: 'esim_id' },
            { name: 'booking_reference' }, { name: 'external_reference' }, { name: 'traveller' }, { name: 'product' }, { name: 'package_id' },
            { name: 'provider' }, { name: 'sell', type: 'number' }, { name: 'net', type: 'number' }, { name: 'margin', type: 'number' },
            { name: 'currency' }, { name: 'iccid_masked' }
          ] },
          { name: 'trace_id', label: 'Trace ID' }
        ]
      end,
      retry_on_response: [429, 503, 504], max_retries: 3
    },

    get_health: {
      title: 'Get health',
      subtitle: 'Read whether buying works now',
      input_fields: ->(_object_definitions) { [] },
      execute: lambda do |_connection, _input|
        # 503 is the report that purchases are refused at the moment, and no failure of this call.
        get('health').after_error_response(/.*/) do |code, answer, _headers, _message|
          report = answer.is_a?(Hash) ? answer : (parse_json(answer.to_s) || {})
          report['status'] && report['accounts'] ? report : error(call('problem', { 'code' => code, 'body' => report }))
        end
      end,
      output_fields: lambda do |_object_definitions|
        [{ name: 'status' }, { name: 'checked_at', type: 'date_time' }, { name: 'table' }, { name: 'settings' }, { name: 'trace_id', label: 'Trace ID' }]
      end
    },

    top_up: {
      title: 'Top up eSIM',
      subtitle: 'Buy more data or time, exactly once for one idempotency key',
      input_fields: lambda do |_object_definitions|
        [
          { name: 'idempotency_key', optional: false, hint: 'Stays the same when the job runs again for the same purchase. Never a random value' },
          { name: 'esim_id', label: 'eSIM ID', optional: false }, { name: 'package_id', label: 'Package ID', optional: false }
        ]
      end,
      execute: lambda do |_connection, input|
        post("esims/#{call('part', input['esim_id'])}/topup", 'package_id' => input['package_id'])
          .headers('X-Idempotency-Key' => input['idempotency_key'])
          .after_error_response(/.*/) do |code, answer, _headers, _message|
            error(call('problem', { 'code' => code, 'body' => answer }))
          end
      end,
      output_fields: ->(object_definitions) { object_definitions['order'] },
      retry_on_response: [409, 429, 500, 503, 504], retry_on_request: %w[POST], max_retries: 3
    }
  },

  triggers: {
    new_event: {
      title: 'New eSIM event',
      subtitle: 'Starts when something happens to an eSIM',
      input_fields: lambda do |_object_definitions|
        [{ name: 'events', control_type: 'multiselect', pick_list: 'events', delimiter: ',', optional: false }]
      end,

      webhook_subscribe: lambda do |webhook_url, _connection, input|
        post('webhooks/register', 'url' => webhook_url, 'events' => input['events'].split(','))
      end,

      webhook_unsubscribe: lambda do |webhook_subscribe_output, _connection|
        # 403, 404: a deployment that cannot end subscriptions by call, or one that is ended.
        delete("webhooks/#{call('part', webhook_subscribe_output['subscription_id'])}").after_error_response([403, 404, 410]) { |_code, _body, _headers, _message| {} }
      end,

      # The signature is over the bytes as they came.
      webhook_payload_type: 'raw',

      webhook_notification: lambda do |_input, payload, _extended_input, _extended_output, headers, _params, _connection, webhook_subscribe_output|
        known = headers.map { |name, value| [name.to_s.downcase, value.to_s] }.to_h
        id, timestamp, given = known.values_at('webhook-id', 'webhook-timestamp', 'webhook-signature')
        key = webhook_subscribe_output['secret'].to_s.sub('whsec_', '').decode_base64
        expected = "v1,#{"#{id}.#{timestamp}.#{payload}".hmac_sha256(key).encode_base64.strip}"
        fresh = (now.to_i - timestamp.to_i).abs <= 300
        genuine = id && fresh && given.to_s.split(' ').include?(expected)
        event = genuine ? parse_json(payload) : {}
        # webhook.test: somebody tried whether the address works, and nothing happened to an eSIM.
        event.merge('webhook_id' => id) unless event.empty? || event['type'] == 'webhook.test'
      end,

      dedup: ->(event) { event['webhook_id'] },
      output_fields: ->(object_definitions) { object_definitions['event'] }
    }
  },

  pick_lists: {
    pages: ->(_connection) { [["Adviser's panel of a booking", 'panel'], ["Traveller's page of an eSIM", 'traveller']] },
    locales: ->(_connection) { [%w[French fr], %w[English en]] },
    events: lambda do |_connection|
      [
        ['eSIM installed', 'esim.installed'], ['eSIM activated', 'esim.activated'], ['Usage threshold reached', 'usage.threshold_reached'],
        ['eSIM expired', 'esim.expired'], ['Top-up proposed', 'topup.proposed']
      ]
    end
  }
}
