output "api_url" {
  description = "Base URL of the API, without a slash at its end."
  value       = local.has_domain ? "https://${var.api_domain_name}" : local.api_invoke_url
}

output "api_invoke_url" {
  description = "Base URL that API Gateway itself gives the API; works before a custom domain name has its DNS record."
  value       = local.api_invoke_url
}

output "api_id" {
  description = "The API's id."
  value       = local.api.id
}

output "auth" {
  description = "How callers authenticate: the mode and, for tokens, the issuer, the audience and, with Cognito, where to get them."
  value = {
    mode         = local.auth_mode
    issuer       = try(local.tokens.issuer, null)
    audience     = try(local.tokens.audience, [])
    token_url    = local.token_url
    user_pool_id = one(aws_cognito_user_pool.this[*].id)
    clients      = local.clients
  }
}

output "table_names" {
  description = "AWS name of each table, by its name in tables.tf."
  value       = { for name, table in aws_dynamodb_table.this : name => table.name }
}

output "event_bus_name" {
  description = "Bus of the events."
  value       = aws_cloudwatch_event_bus.this.name
}

output "queue_urls" {
  description = "URL of each reaction's queue, by the queue's name in the function map."
  value       = { for name, function in local.queue_functions : function.trigger.queue => module.consumer[name].queue_url }
}

output "dead_letter_queue_urls" {
  description = "URLs of the dead-letter queues: of each queue by its name, of each reader of a stream by the function's name."
  value = merge(
    { for name, function in local.queue_functions : function.trigger.queue => module.consumer[name].dead_letter_queue_url },
    { for name, stream in module.stream : name => stream.dead_letter_queue_url },
  )
}

output "notifications_topic_arn" {
  description = "Topic of the notifications."
  value       = aws_sns_topic.this["notifications"].arn
}

output "archive_bucket" {
  description = "Bucket of the completed tasks."
  value       = module.archive_bucket.name
}

output "approval_state_machine_arn" {
  description = "The approval workflow."
  value       = aws_sfn_state_machine.approval.arn
}

output "function_names" {
  description = "AWS name of each function, by its name in the function map."
  value       = { for name, function in module.function : name => function.name }
}

output "resource_arns" {
  description = "ARN of everything that rights in the function map may be on, by the name that they use."
  value       = { for name, resource in local.resources : name => resource.arn }
}

output "alarms_topic_arn" {
  description = "Topic that the alarms are sent to."
  value       = aws_sns_topic.this["alarms"].arn
}

output "dashboard_name" {
  description = "The dashboard in CloudWatch; null if monitoring is lean."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "code_bucket" {
  description = "Bucket of the functions' code."
  value       = module.code_bucket.name
}

output "kms_key_arn" {
  description = "The key that everything stored is encrypted with."
  value       = aws_kms_key.this.arn
}

output "deployment_preference" {
  description = "How calls move to new versions of the functions."
  value       = var.deployment_preference
}

output "deployment_application" {
  description = "CodeDeploy application of gradual deployments; null where calls move at once."
  value       = one(aws_codedeploy_app.this[*].name)
}

output "data_protected" {
  description = "Whether the data is protected from being destroyed."
  value       = local.protect_data
}

output "api_domain_target" {
  description = "Name that the record of api_domain_name must point at; null without one."
  value       = try(aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name, null)
}
