variable "name" {
  description = "Name of the bucket, globally unique."
  type        = string
}

variable "kms_key_arn" {
  description = "Key that objects are encrypted with."
  type        = string
}

variable "force_destroy" {
  description = "Let the bucket be destroyed with what is in it."
  type        = bool
}

variable "require_tls" {
  description = "Refuse requests without TLS; local clouds have none."
  type        = bool
}

variable "expirations" {
  description = "Prefixes of objects that are removed, each with the age in days; none for no lifecycle rules at all."
  type        = map(number)
  default     = {}
}
