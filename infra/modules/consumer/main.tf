# From the bus to a function through a queue of its own: rule → queue → function, and a dead-letter queue.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # Known before the queues exist, so that policies show in a plan and can be part of the queues: a policy as a
  # resource of its own takes half a minute to become visible.
  here                  = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  queue_arn             = "arn:${data.aws_partition.current.partition}:sqs:${local.here}:${var.name}"
  dead_letter_queue     = "${var.name}-dead-letters"
  dead_letter_queue_arn = "arn:${data.aws_partition.current.partition}:sqs:${local.here}:${local.dead_letter_queue}"

  # Only one of the two exists.
  dead_letters = one(concat(aws_sqs_queue.dead_letters, aws_sqs_queue.dead_letters_beside))

  fourteen_days = 14 * 24 * 3600

  # Only this queue may name it as its own.
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })

  # The same for both queues: the rule may send to either.
  policies = {
    for arn in [local.queue_arn, local.dead_letter_queue_arn] : arn => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [{
          Sid       = "EventsOfTheRule"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = arn
          Condition = { ArnEquals = { "aws:SourceArn" = var.rule_arn } }
        }],
        var.require_tls ? [{
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "sqs:*"
          Resource  = arn
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        }] : [],
      )
    })
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  name           = var.name
  description    = "${join(", ", var.detail_types)} to ${var.name}"
  event_bus_name = var.event_bus_name
  event_pattern  = jsonencode({ source = [var.event_source], detail-type = var.detail_types })
}

resource "aws_cloudwatch_event_target" "this" {
  rule           = aws_cloudwatch_event_rule.this.name
  event_bus_name = var.event_bus_name
  target_id      = "queue"
  arn            = aws_sqs_queue.this.arn

  # Events that cannot be put into the queue, as when its key is disabled, go to the same dead-letter queue.
  dead_letter_config {
    arn = local.dead_letters.arn
  }
}

resource "aws_sqs_queue" "this" {
  name              = var.name
  kms_master_key_id = var.kms_key_alias
  policy            = local.policies[local.queue_arn]

  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = local.fourteen_days

  redrive_policy = jsonencode({
    deadLetterTargetArn = local.dead_letter_queue_arn
    # AWS's advice for queues that Lambda reads is at least 5, because a receive that Lambda then throttles counts, too:
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    maxReceiveCount = 5
  })

  depends_on = [aws_sqs_queue.dead_letters]
}

# Where a queue is refused until its dead-letter queue exists, as on AWS.
# Under SQS's own key, so that EventBridge can send events here while the queue's key is disabled. What SQS itself moves
# here stays encrypted with the queue's key:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
resource "aws_sqs_queue" "dead_letters" {
  count = var.dead_letters_first ? 1 : 0

  name                      = local.dead_letter_queue
  sqs_managed_sse_enabled   = true
  policy                    = local.policies[local.dead_letter_queue_arn]
  message_retention_seconds = local.fourteen_days
  redrive_allow_policy      = local.redrive_allow_policy
}

# Elsewhere the same, created in parallel with the queue. The provider watches each new queue for 25 s: in parallel
# that is still half of a local deployment. An order cannot depend on a variable, only which resource exists.
resource "aws_sqs_queue" "dead_letters_beside" {
  count = var.dead_letters_first ? 0 : 1

  name                      = local.dead_letter_queue
  sqs_managed_sse_enabled   = true
  policy                    = local.policies[local.dead_letter_queue_arn]
  message_retention_seconds = local.fourteen_days
  redrive_allow_policy      = local.redrive_allow_policy
}

resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn        = aws_sqs_queue.this.arn
  function_name           = var.function_alias_arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  # A stopped function would only turn its messages into dead letters.
  enabled = var.reserved_concurrency != 0

  # Beyond the reserved concurrency Lambda would throttle what it has received.
  dynamic "scaling_config" {
    for_each = coalesce(var.reserved_concurrency, 0) > 0 ? [var.reserved_concurrency] : []

    content {
      maximum_concurrency = min(scaling_config.value, 1000)
    }
  }

  # Lambda checks at once that the function may read; and nothing is read before the dead-letter queue exists.
  depends_on = [aws_iam_role_policy.source, aws_sqs_queue.dead_letters, aws_sqs_queue.dead_letters_beside]
}

resource "aws_iam_role_policy" "source" {
  name = "source"
  role = var.function_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
      Resource = [local.queue_arn]
    }]
  })
}

resource "aws_iam_role_policy" "source_key" {
  name = "source-key"
  role = var.function_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.kms_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "sqs.${data.aws_region.current.name}.amazonaws.com" } }
    }]
  })
}
