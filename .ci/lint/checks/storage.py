"""State that outlives mistakes: the table, the keys, the secrets, the bucket, and logs that end."""

from typing import Iterator

from model import Finding, Model, as_list, target


def check(model: Model) -> Iterator[Finding]:
    for name, body in model.resources("AWS::DynamoDB::Table"):
        yield from _retained(model, name, body)
        for fault in _table_faults(body.get("Properties", {})):
            yield model.at(name, fault)
    for kind in ("AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::Cognito::UserPool"):
        for name, body in model.resources(kind):
            yield from _retained(model, name, body)
    for name, body in model.resources("AWS::KMS::Key"):
        if body.get("Properties", {}).get("EnableKeyRotation") is not True:
            yield model.at(name, "needs EnableKeyRotation")
    covered = {str(target(body.get("Properties", {}).get("Bucket"))) for _, body in model.resources("AWS::S3::BucketPolicy") if _tls_only(body)}
    for name, body in model.resources("AWS::S3::Bucket"):
        yield from _retained(model, name, body)
        for fault in _bucket_faults(body.get("Properties", {})):
            yield model.at(name, fault)
        if name not in covered:
            yield model.at(name, "needs a bucket policy that denies calls without TLS")
    groups = dict(model.resources("AWS::Logs::LogGroup"))
    for name, body in groups.items():
        if not body.get("Properties", {}).get("RetentionInDays"):
            yield model.at(name, "keeps logs for ever: needs RetentionInDays")


def _retained(model: Model, name: str, body: dict) -> Iterator[Finding]:
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if body.get(policy) != "Retain":
            yield model.at(name, f"needs {policy}: Retain")


def _table_faults(properties: dict) -> Iterator[str]:
    if properties.get("BillingMode") != "PAY_PER_REQUEST":
        yield "needs BillingMode: PAY_PER_REQUEST"
    if properties.get("DeletionProtectionEnabled") is not True:
        yield "needs DeletionProtectionEnabled"
    if properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
        yield "needs point-in-time recovery"
    encryption = properties.get("SSESpecification", {})
    if not (encryption.get("SSEEnabled") and encryption.get("SSEType") == "KMS" and encryption.get("KMSMasterKeyId")):
        yield "must be encrypted with our own key (SSEEnabled, SSEType: KMS, KMSMasterKeyId)"
    ttl = properties.get("TimeToLiveSpecification", {})
    if ttl != {"AttributeName": "ttl", "Enabled": True}:
        yield "needs TTL on the attribute ttl"
    if properties.get("StreamSpecification", {}).get("StreamViewType") not in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        yield "needs a stream with new images: the relay reads them"


def _tls_only(policy: dict) -> bool:
    statements = as_list(policy.get("Properties", {}).get("PolicyDocument", {}).get("Statement"))
    transports = [s.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") for s in statements if s.get("Effect") == "Deny"]
    return "false" in [str(transport).lower() for transport in transports]


def _bucket_faults(properties: dict) -> Iterator[str]:
    blocked = properties.get("PublicAccessBlockConfiguration", {})
    if not all(blocked.get(name) is True for name in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")):
        yield "must block public access in all four ways"
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
    if not any(rule.get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") for rule in rules):
        yield "must be encrypted with our own key (KMSMasterKeyID)"
    owners = [rule.get("ObjectOwnership") for rule in properties.get("OwnershipControls", {}).get("Rules", [])]
    if owners != ["BucketOwnerEnforced"]:
        yield "needs ObjectOwnership: BucketOwnerEnforced"
    expiring = [rule.get("Prefix") for rule in properties.get("LifecycleConfiguration", {}).get("Rules", []) if rule.get("ExpirationInDays")]
    if set(expiring) != {"in/", "out/"}:
        yield "keeps files for ever: in/ and out/ need ExpirationInDays"
