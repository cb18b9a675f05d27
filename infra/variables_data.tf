# Data

variable "status_shards" {
  # See docs/scaling.md for how many are needed, and what they cost.
  description = "Partitions of the index `by-status` that each status is spread over, for more than about 2,800 requests a second. Can be raised at any time; after it is lowered, lists miss the tasks in the shards above until `make backfill` is through."
  type        = number
  default     = 1

  validation {
    condition     = var.status_shards >= 1 && var.status_shards <= 100 && floor(var.status_shards) == var.status_shards
    error_message = "status_shards must be a whole number from 1 to 100."
  }
}

variable "feed_shards" {
  description = "Partitions that the feed of recent events is spread over, for about 1,000 events a second each. Can be raised at any time; for an hour after it is lowered, the feed misses the events in the shards above."
  type        = number
  default     = 1

  validation {
    condition     = var.feed_shards >= 1 && var.feed_shards <= 100 && floor(var.feed_shards) == var.feed_shards
    error_message = "feed_shards must be a whole number from 1 to 100."
  }
}

variable "retention_days" {
  description = "How long the table keeps a completed task, in days."
  type        = number
  default     = 90

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number, 1 or more."
  }
}
