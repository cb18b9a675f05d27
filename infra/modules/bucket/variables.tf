variable "name" {
  description = "Name of the bucket, unique in the world."
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
