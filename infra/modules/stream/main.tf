# From the streams of tables to a function, with a dead-letter queue.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  here      = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  queue_arn = "arn:${data.aws_partition.current.partition}:sqs:${local.here}:${var.name}"
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = var.streams

  event_source_arn = each.value.arn
  function_name    = var.function_alias_arn

  # Includes what was written before the function existed.
  starting_position      = "TRIM_HORIZON"
  batch_size             = 10
  parallelization_factor = var.parallelization_factor

  # A failed batch is retried, in halves, until it is half a day old. Then its place is sent to the queue, while the
  # stream, which keeps a day, still has the records. Functions report no single records as failed: not every local
  # cloud honours that.
  bisect_batch_on_function_error = true
  maximum_record_age_in_seconds  = 12 * 3600

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead_letters.arn
    }
  }

  # Lambda checks at once that the function may read and park.
  depends_on = [aws_iam_role_policy.source, aws_iam_role_policy.source_key]
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = var.name
  message_retention_seconds = 14 * 24 * 3600
  # Under SQS's own key: what cannot be handled because the stream's key is disabled must still be accepted here.
  sqs_managed_sse_enabled = true

  # Functions park by this size: services/adapters/sqs.py. Lambda's own notes of failed batches are far smaller.
  max_message_size = 256 * 1024

  # Null, because there is no policy without statements.
  policy = !var.require_tls ? null : jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.queue_arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_iam_role_policy" "source" {
  name = "source"
  role = var.function_role_name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
        Resource = [for stream in values(var.streams) : stream.pattern]
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [local.queue_arn]
      },
    ]
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
      Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${data.aws_region.current.name}.amazonaws.com" } }
    }]
  })
}
