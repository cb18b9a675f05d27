"""What follows from events: one Lambda function a queue."""
