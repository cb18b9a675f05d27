variable "name" {
  description = "Name of the dead-letter queue."
  type        = string
}

variable "stream_arn" {
  description = "The table's stream."
  type        = string
}

variable "stream_pattern" {
  description = "ARN pattern of the table's streams: a stream's own ARN is unknown before the table exists."
  type        = string
}

variable "parallelization_factor" {
  description = "Batches of a shard that are handled at once; one item's records keep their order."
  type        = number
}

variable "function_alias_arn" {
  description = "The function that handles the records."
  type        = string
}

variable "function_role_name" {
  description = "The function's role, which gets the rights to read."
  type        = string
}

variable "kms_key_arn" {
  description = "The key, which the function needs to read."
  type        = string
}

variable "require_tls" {
  description = "Refuse requests without TLS; local clouds have none."
  type        = bool
}
