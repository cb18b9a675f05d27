output "id" {
  description = "The API's id."
  value       = aws_apigatewayv2_api.this.id

  # Known only after every route exists.
  depends_on = [
    aws_apigatewayv2_route.otherwise,
    aws_apigatewayv2_route.this,
    aws_apigatewayv2_stage.this,
    aws_lambda_permission.this,
  ]
}

output "stage" {
  description = "Name of the API's stage."
  value       = aws_apigatewayv2_stage.this.name
}

output "url" {
  description = "Base URL, without a slash at its end."
  value       = trimsuffix(aws_apigatewayv2_stage.this.invoke_url, "/")
}
