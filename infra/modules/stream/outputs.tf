output "dead_letter_queue_url" {
  description = "URL of the queue of what could not be handled."
  value       = aws_sqs_queue.dead_letters.url
}
