# Authentication

variable "auth_mode" {
  description = "How callers authenticate: `cognito` (with a user pool of this deployment), `jwt` (with tokens of jwt_issuer) or `none` (not at all). By default `cognito` on AWS, `none` elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.auth_mode == null || contains(["none", "jwt", "cognito"], coalesce(var.auth_mode, "none"))
    error_message = "auth_mode must be `none`, `jwt` or `cognito`."
  }

  validation {
    condition     = var.target != "aws" || var.auth_mode != "none" || var.i_accept_an_open_api
    error_message = "On AWS, auth_mode = \"none\" lets the whole internet read, change and approve everybody's tasks. To deploy it anyway, set i_accept_an_open_api = true."
  }
}

variable "i_accept_an_open_api" {
  description = "Allow auth_mode = `none` on AWS: anyone who finds the API can read, change and approve everybody's tasks."
  type        = bool
  default     = false
}

variable "jwt_issuer" {
  description = "With auth_mode = `jwt`: the OIDC issuer, exactly as in the `iss` of its tokens. Its keys are found through its /.well-known/openid-configuration."
  type        = string
  default     = ""

  validation {
    condition     = (var.auth_mode == "jwt") == (var.jwt_issuer != "")
    error_message = "jwt_issuer and auth_mode = \"jwt\" require each other: set both or neither."
  }

  validation {
    condition     = var.jwt_issuer == "" || can(regex(var.target == "aws" ? "^https://[^/]+" : "^https?://[^/]+", var.jwt_issuer))
    error_message = "jwt_issuer must be a URL; on AWS it must begin with https://."
  }
}

variable "jwt_audience" {
  description = "With auth_mode = `jwt`: the audiences that are accepted (a token's `aud`, or `client_id` where it has no `aud`)."
  type        = list(string)
  default     = []

  validation {
    condition     = (var.auth_mode == "jwt") == (length(var.jwt_audience) > 0)
    error_message = "jwt_audience and auth_mode = \"jwt\" require each other: set both or neither."
  }
}

variable "cognito_callback_urls" {
  description = "With auth_mode = `cognito`: redirect URLs after people have signed in (https, or http on localhost); without one there is no app client for people."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for url in var.cognito_callback_urls : can(regex("^(https://|http://localhost[:/])[^#]*$", url))])
    error_message = "cognito_callback_urls must be https URLs without a fragment; http is for localhost only."
  }
}
