output "api_url" {
  description = "Base URL of the API, without a slash at its end."
  value       = local.is_local ? "${var.aws_endpoint}/_aws/execute-api/${local.api.id}/${local.api.stage}" : local.api.url
}

output "api_id" {
  description = "The API's id."
  value       = local.api.id
}

output "tasks_table_name" {
  description = "Table of the tasks."
  value       = aws_dynamodb_table.this["tasks"].name
}

output "approvals_table_name" {
  description = "Table of the decisions on tasks, and of what waits for them."
  value       = aws_dynamodb_table.this["approvals"].name
}

output "statistics_table_name" {
  description = "Table of the users' statistics."
  value       = aws_dynamodb_table.this["statistics"].name
}

output "idempotency_table_name" {
  description = "Table of answers given under an Idempotency-Key."
  value       = aws_dynamodb_table.this["idempotency"].name
}

output "function_names" {
  description = "AWS name of each function, by its name in the function map."
  value       = { for name, function in module.function : name => function.name }
}

output "code_bucket" {
  description = "Bucket of the functions' code."
  value       = module.code_bucket.name
}

output "kms_key_arn" {
  description = "The key that everything stored is encrypted with."
  value       = aws_kms_key.this.arn
}
