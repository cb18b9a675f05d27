# Events

variable "event_archive_days" {
  description = "How long the bus keeps events for replay, in days; 0 keeps them for ever."
  type        = number
  default     = 90

  validation {
    condition     = var.event_archive_days >= 0 && floor(var.event_archive_days) == var.event_archive_days
    error_message = "event_archive_days must be a whole number, 0 or more."
  }
}

variable "stream_parallelization_factor" {
  description = "Batches of a stream's shard that the relay handles at once; the writes of one task keep their order."
  type        = number
  default     = 1

  validation {
    condition     = var.stream_parallelization_factor >= 1 && var.stream_parallelization_factor <= 10
    error_message = "stream_parallelization_factor must be from 1 to 10."
  }
}

variable "local_retry_seconds" {
  description = "How soon a local queue retries a message that failed, in seconds; on AWS it is six times the function's time limit."
  type        = number
  default     = null

  validation {
    condition     = var.local_retry_seconds == null || (var.target == "local" && coalesce(var.local_retry_seconds, 0) > 0)
    error_message = "local_retry_seconds must be positive, and is for local clouds only."
  }
}
