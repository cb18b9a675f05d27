output "id" {
  description = "The API's id."
  value       = aws_api_gateway_rest_api.this.id

  # Known only after every route exists.
  depends_on = [
    aws_api_gateway_stage.this,
    aws_lambda_permission.this,
  ]
}

output "stage" {
  description = "Name of the API's stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "url" {
  description = "Base URL, without a slash at its end."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "stage_arn" {
  description = "ARN of the API's stage."
  value       = aws_api_gateway_stage.this.arn
}
