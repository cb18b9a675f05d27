output "queue_url" {
  description = "URL of the queue."
  value       = aws_sqs_queue.this.url
}

output "dead_letter_queue_url" {
  description = "URL of the queue of what the function could not handle."
  value       = local.dead_letters.url
}
