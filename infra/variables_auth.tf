# Who may call

variable "auth_mode" {
  description = "How callers prove who they are: `cognito` (a user pool of this deployment's own), `jwt` (tokens of jwt_issuer) or `none` (they need not). By default `cognito` on AWS, `none` elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.auth_mode == null || contains(["none", "jwt", "cognito"], coalesce(var.auth_mode, "none"))
    error_message = "auth_mode is `none`, `jwt` or `cognito`."
  }

  validation {
    condition     = var.target != "aws" || var.auth_mode != "none" || var.i_accept_an_open_api
    error_message = "On AWS, auth_mode = \"none\" lets the whole internet read, change and approve everybody's tasks. Who wants just that sets i_accept_an_open_api = true."
  }
}

variable "i_accept_an_open_api" {
  description = "Deploy to AWS without authentication: whoever finds the API may read, change and approve everybody's tasks."
  type        = bool
  default     = false
}

variable "jwt_issuer" {
  description = "With auth_mode = `jwt`: the OIDC issuer, exactly as its tokens name it in `iss`; it publishes its keys below /.well-known/openid-configuration."
  type        = string
  default     = ""

  validation {
    condition     = (var.auth_mode == "jwt") == (var.jwt_issuer != "")
    error_message = "jwt_issuer goes with auth_mode = \"jwt\", and auth_mode = \"jwt\" with jwt_issuer."
  }

  validation {
    condition     = var.jwt_issuer == "" || can(regex(var.target == "aws" ? "^https://[^/]+" : "^https?://[^/]+", var.jwt_issuer))
    error_message = "jwt_issuer is a URL; on AWS it begins with https://."
  }
}

variable "jwt_audience" {
  description = "With auth_mode = `jwt`: whom tokens must be meant for (`aud`, or `client_id` where a token has no `aud`); one of them is enough."
  type        = list(string)
  default     = []

  validation {
    condition     = (var.auth_mode == "jwt") == (length(var.jwt_audience) > 0)
    error_message = "jwt_audience goes with auth_mode = \"jwt\", and auth_mode = \"jwt\" with jwt_audience."
  }
}

variable "cognito_callback_urls" {
  description = "With auth_mode = `cognito`: where people are sent after they have signed in (https, or http on localhost); without one there is no client for people."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.cognito_callback_urls : can(regex("^(https://|http://localhost[:/])[^#]*$", url))])
    error_message = "cognito_callback_urls are https URLs without a fragment; http is for localhost only."
  }
}
