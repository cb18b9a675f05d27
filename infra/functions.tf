locals {
  function_names = { for name in keys(local.functions) : name => "${local.prefix}-${replace(name, "_", "-")}" }

  timeouts = { for name, function in local.functions : name => try(function.timeout_seconds, var.lambda_timeout_seconds) }

  # What rights in the map may be on, by the name they use: its ARN, and the environment variables that come with a right.
  resources = merge(local.table_resources, {
    event_bus               = { arn = local.event_bus_arn, environment = { EVENT_BUS = local.event_bus_name } }
    relay_dead_letter_queue = { arn = local.relay_dead_letter_queue_arn, environment = { RELAY_DEAD_LETTER_QUEUE = local.relay_dead_letter_queue_url } }
    notifications_topic     = { arn = local.topic_arns["notifications"], environment = { NOTIFICATIONS_TOPIC = local.topic_arns["notifications"] } }
    approval_state_machine  = { arn = local.approval_arn, environment = { APPROVAL_STATE_MACHINE = local.approval_arn } }
    # A policy cannot name what a task token belongs to: only the role limits who may use one.
    any_waiting_execution = { arn = "*", environment = {} }
    archive_bucket_tasks  = { arn = "${local.archive_bucket_arn}/tasks/*", environment = { ARCHIVE_BUCKET = local.archive_bucket_name } }
    archive_bucket_parked = { arn = "${local.archive_bucket_arn}/parked/*", environment = { PARKED_RECORDS_BUCKET = local.archive_bucket_name } }
  })

  # The other environment variables that functions may name in the map.
  settings = {
    FEED_SHARDS    = tostring(var.feed_shards)
    STATUS_SHARDS  = tostring(var.status_shards)
    RETENTION_DAYS = tostring(var.retention_days)
    # Longer than an event can be delivered again: from the archive, then a queue, then its dead letters. 0 is for ever.
    PROCESSED_EVENT_DAYS = tostring(var.event_archive_days == 0 ? 0 : var.event_archive_days + 30)
  }

  # Read by botocore. The file is made by scripts/build/authorities.py; /var/task is where Lambda puts the package.
  trust_environment = {
    for file in ["/var/task/amazon-trust-services.pem"] : "AWS_CA_BUNDLE" => file
    if var.aws_ca_bundle == "amazon" && !local.is_local
  }

  common_environment = {
    ENVIRONMENT                  = var.environment
    POWERTOOLS_METRICS_NAMESPACE = "TaskManager"
    POWERTOOLS_LOG_LEVEL         = var.log_level == "WARN" ? "WARNING" : var.log_level
    POWERTOOLS_TRACE_DISABLED    = tostring(!var.enable_xray_tracing)
    # Looking for plugins reads the metadata of every library at each start.
    PYDANTIC_DISABLE_PLUGINS = "1"
  }
}

module "function" {
  source   = "./modules/function"
  for_each = local.functions

  name        = local.function_names[each.key]
  role_name   = "${local.function_names[each.key]}-${local.region_code}"
  description = each.value.description
  handler     = each.value.handler

  code_bucket  = aws_s3_object.package.bucket
  code_key     = aws_s3_object.package.key
  runtime      = local.package.runtime
  architecture = local.package.architecture

  memory_size          = try(each.value.memory_mb, var.lambda_memory_size)
  timeout_seconds      = local.timeouts[each.key]
  snap_start           = var.lambda_snap_start
  live_version         = lookup(var.live_versions, each.key, null)
  reserved_concurrency = lookup(var.lambda_reserved_concurrency, each.key, null)

  environment = merge(
    local.common_environment,
    local.cross_origin_environment,
    each.value.trigger.type == "http" ? { AUTH_MODE = local.auth_mode } : {},
    local.trust_environment,
    { POWERTOOLS_SERVICE_NAME = replace(each.key, "_", "-") },
    { for name in try(each.value.environment, []) : name => local.settings[name] },
    merge([for name in flatten(each.value.rights[*].on) : local.resources[name].environment]...),
  )

  rights = [
    for right in each.value.rights : {
      actions   = right.actions
      resources = [for name in right.on : local.resources[name].arn]
    }
  ]

  permissions_boundary = local.permissions_boundary

  kms_key_arn = aws_kms_key.this.arn
  # Local ones hold no secrets, and LocalStack would show the key as missing in every plan.
  encrypt_environment = !local.is_local

  log_retention_days = var.cloudwatch_retention_days
  log_level          = var.log_level
  tracing            = var.enable_xray_tracing
}
