locals {
  event_bus_name = "${local.prefix}-events"
  event_bus_arn  = "arn:${local.partition}:events:${local.here}:event-bus/${local.event_bus_name}"
  # SOURCE of services/core/event.py, whatever project_name is.
  event_source = "task-manager"

  # Where the relay parks records that can never be events. The URL is composed here: no function waits for the queue.
  relay_dead_letter_queue     = "${local.prefix}-relay-dead-letters"
  relay_dead_letter_queue_arn = "arn:${local.partition}:sqs:${local.here}:${local.relay_dead_letter_queue}"
  relay_dead_letter_queue_url = join("/", [
    local.is_local ? var.aws_endpoint : "https://sqs.${var.aws_region}.${data.aws_partition.current.dns_suffix}",
    local.account_id,
    local.relay_dead_letter_queue,
  ])
}

# The bus of task events. Local clouds accept a bus's key and dead-letter queue, but then cannot change the bus.
resource "aws_cloudwatch_event_bus" "this" {
  name               = local.event_bus_name
  description        = "What happened to tasks"
  kms_key_identifier = local.is_local ? null : aws_kms_key.this.arn

  # For events that cannot be delivered because of the key.
  dynamic "dead_letter_config" {
    for_each = aws_sqs_queue.undeliverable

    content {
      arn = dead_letter_config.value.arn
    }
  }
}

resource "aws_sqs_queue" "undeliverable" {
  count = local.is_local ? 0 : 1

  name                      = "${local.prefix}-undeliverable-events"
  message_retention_seconds = 14 * 24 * 3600
  # Under SQS's own key, because the queue is needed when ours is disabled.
  sqs_managed_sse_enabled = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventsOfThisBus"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:${local.partition}:sqs:${local.here}:${local.prefix}-undeliverable-events"
        Condition = { ArnEquals = { "aws:SourceArn" = local.event_bus_arn } }
      },
      {
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "arn:${local.partition}:sqs:${local.here}:${local.prefix}-undeliverable-events"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# All events, to be replayed after a fault.
resource "aws_cloudwatch_event_archive" "this" {
  name             = local.event_bus_name
  description      = "All events of ${local.event_bus_name}, for replay"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  event_pattern    = jsonencode({ source = [local.event_source] })
  retention_days   = var.event_archive_days
}

# One queue for each reaction, so that one that fails or lags holds up no other.
module "consumer" {
  source   = "./modules/consumer"
  for_each = local.queue_functions

  name           = "${local.prefix}-${each.value.trigger.queue}"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_source   = local.event_source
  rule_arn       = "arn:${local.partition}:events:${local.here}:rule/${local.event_bus_name}/${local.prefix}-${each.value.trigger.queue}"
  detail_types   = each.value.trigger.detail_types

  # One by one, so that the queues need not wait for the function.
  function_alias_arn = module.function[each.key].alias_arn
  function_role_name = module.function[each.key].role_name

  # What AWS advises for a queue that Lambda reads: a message must not come back while its batch is being retried.
  visibility_timeout_seconds = coalesce(var.local_retry_seconds, 6 * local.timeouts[each.key])

  kms_key_arn   = aws_kms_key.this.arn
  kms_key_alias = local.key_alias
  require_tls   = !local.is_local

  reserved_concurrency = lookup(var.lambda_reserved_concurrency, each.key, null)

  dead_letters_first = !local.is_local
}

# Functions that read the streams of tables: the relay, and others that react to writes.
module "stream" {
  source   = "./modules/stream"
  for_each = local.stream_functions

  name = "${local.function_names[each.key]}-dead-letters"
  streams = { for table in each.value.trigger.tables : table => {
    arn     = aws_dynamodb_table.this[table].stream_arn
    pattern = "${local.table_arns[table]}/stream/*"
  } }

  parallelization_factor = var.stream_parallelization_factor

  function_alias_arn = module.function[each.key].alias_arn
  function_role_name = module.function[each.key].role_name

  kms_key_arn = aws_kms_key.this.arn
  require_tls = !local.is_local
}

# A function had one stream before.
moved {
  from = module.stream["relay"].aws_lambda_event_source_mapping.this
  to   = module.stream["relay"].aws_lambda_event_source_mapping.this["tasks"]
}

moved {
  from = module.stream["deliver_decision"].aws_lambda_event_source_mapping.this
  to   = module.stream["deliver_decision"].aws_lambda_event_source_mapping.this["approvals"]
}
