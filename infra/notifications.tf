locals {
  notifications_topic_name = "${local.prefix}-notifications"
  notifications_topic_arn  = "arn:${local.partition}:sns:${local.here}:${local.notifications_topic_name}"
}

# What people want to know: status changes, and tasks that wait for their approval.
resource "aws_sns_topic" "notifications" {
  name              = local.notifications_topic_name
  kms_master_key_id = local.key_alias

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "ThisAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
        Action    = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic", "sns:Publish", "sns:Subscribe"]
        Resource  = local.notifications_topic_arn
      }],
      # Local clouds speak no TLS.
      local.is_local ? [] : [{
        Sid       = "OnlyOverTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.notifications_topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.notification_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.notifications.arn
  protocol  = "email"
  endpoint  = var.notification_email
}
