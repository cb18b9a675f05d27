variable "name" {
  description = "Name of the dead-letter queue."
  type        = string
}

variable "streams" {
  description = "By table: its stream, and an ARN pattern of it, since the stream's own ARN is unknown before the table exists."
  type        = map(object({ arn = string, pattern = string }))
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
