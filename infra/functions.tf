locals {
  # Every function: its handler, what calls it, what it may do. Packaging and tests read the same map.
  functions = jsondecode(file("${path.module}/../services/functions.json"))

  function_names = { for name in keys(local.functions) : name => "${local.prefix}-${replace(name, "_", "-")}" }

  timeouts = { for name, function in local.functions : name => try(function.timeout_seconds, var.lambda_timeout_seconds) }

  # What the map's rights may be on.
  resources = {
    tasks_table           = [local.table_arns.tasks]
    tasks_by_status_index = ["${local.table_arns.tasks}/index/by-status"]
    tasks_by_user_index   = ["${local.table_arns.tasks}/index/by-user"]
    idempotency_table     = [local.table_arns.idempotency]
    statistics_table      = [local.table_arns.statistics]
    approvals_table       = [local.table_arns.approvals]
    feed_table            = [local.table_arns.feed]
    feed_by_user_index    = ["${local.table_arns.feed}/index/by-user"]

    event_bus               = [local.event_bus_arn]
    relay_dead_letter_queue = [local.relay_dead_letter_queue_arn]
    notifications_topic     = [local.topic_arns["notifications"]]
    approval_state_machine  = [local.approval_arn]
    # A task token names no resource that a policy could: the role is what limits who may use one.
    any_waiting_execution = ["*"]
    archive_bucket_tasks  = ["arn:${local.partition}:s3:::${local.archive_bucket_name}/tasks/*"]
    archive_bucket_parked = ["arn:${local.partition}:s3:::${local.archive_bucket_name}/parked/*"]
  }

  # The environment variables that the map's functions may ask for.
  environment_values = {
    TASKS_TABLE       = local.table_names.tasks
    IDEMPOTENCY_TABLE = local.table_names.idempotency
    STATISTICS_TABLE  = local.table_names.statistics
    APPROVALS_TABLE   = local.table_names.approvals
    FEED_TABLE        = local.table_names.feed
    FEED_SHARDS       = tostring(var.feed_shards)
    STATUS_SHARDS     = tostring(var.status_shards)

    EVENT_BUS               = local.event_bus_name
    RELAY_DEAD_LETTER_QUEUE = local.relay_dead_letter_queue_url
    NOTIFICATIONS_TOPIC     = local.topic_arns["notifications"]
    ARCHIVE_BUCKET          = local.archive_bucket_name
    PARKED_RECORDS_BUCKET   = local.archive_bucket_name
    RETENTION_DAYS          = tostring(var.retention_days)
    # Longer than an event can come back: from the archive, then a queue, then its dead letters. 0 is for ever.
    PROCESSED_EVENT_DAYS = tostring(var.event_archive_days == 0 ? 0 : var.event_archive_days + 30)

    APPROVAL_STATE_MACHINE = local.approval_arn
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
    { for name in each.value.environment : name => local.environment_values[name] },
  )

  rights = [
    for right in each.value.rights : {
      actions   = right.actions
      resources = flatten([for name in right.on : local.resources[name]])
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
