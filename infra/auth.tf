locals {
  auth_mode = coalesce(var.auth_mode, local.is_local ? "none" : "cognito")
  cognito   = local.auth_mode == "cognito"

  # Issuer and audience of accepted tokens. Cognito's access tokens have no `aud`: API Gateway then uses `client_id`.
  tokens = {
    none = null
    jwt  = { issuer = var.jwt_issuer, audience = var.jwt_audience }
    cognito = {
      issuer   = join("", [for pool in aws_cognito_user_pool.this : "https://${pool.endpoint}"])
      audience = values(local.clients)
    }
  }[local.auth_mode]

  # Names and ids of the app clients.
  clients = merge(
    { for name, client in aws_cognito_user_pool_client.machine : name => client.id },
    { for client in aws_cognito_user_pool_client.people : "people" => client.id },
  )

  token_url = local.cognito ? "${local.sign_in_url}/oauth2/token" : null
  sign_in_url = local.is_local ? var.aws_endpoint : join("", [
    for domain in aws_cognito_user_pool_domain.this : "https://${domain.domain}.auth.${var.aws_region}.amazoncognito.com"
  ])

  # Clients for programs (client credentials grant), with the scopes of their tokens. The secret of `operator` allows
  # acting for every user.
  machines = {
    machine  = ["read", "write"]
    operator = ["read", "write", "approve", "admin"]
  }
  # Without `admin`: Cognito gives every user all scopes that the client may request.
  people_may = ["read", "write", "approve"]

  scopes_of_tasks = {
    read    = "Read one's own tasks"
    write   = "Create, change and delete one's own tasks"
    approve = "Approve and reject others' tasks of high priority"
    admin   = "Do with everybody's tasks what the other scopes allow"
  }
}

resource "aws_cognito_user_pool" "this" {
  count = local.cognito ? 1 : 0

  name                     = local.prefix
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = local.protect_data ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = "OPTIONAL"

  software_token_mfa_configuration {
    enabled = true
  }

  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  password_policy {
    minimum_length                   = 14
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = true
    require_uppercase                = true
    temporary_password_validity_days = 3
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
}

resource "aws_cognito_resource_server" "tasks" {
  count = local.cognito ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this[0].id
  identifier   = "tasks"
  name         = "Tasks"

  dynamic "scope" {
    for_each = local.scopes_of_tasks

    content {
      scope_name        = scope.key
      scope_description = scope.value
    }
  }
}

# The sign-in pages and the token endpoint.
resource "aws_cognito_user_pool_domain" "this" {
  count = local.cognito ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this[0].id
  domain       = "${local.prefix}-${local.account_id}"
}

resource "aws_cognito_user_pool_client" "machine" {
  for_each = { for name, scopes in local.machines : name => scopes if local.cognito }

  user_pool_id    = aws_cognito_user_pool.this[0].id
  name            = each.key
  generate_secret = true

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = [for scope in each.value : "${aws_cognito_resource_server.tasks[0].identifier}/${scope}"]

  access_token_validity   = 60
  enable_token_revocation = true

  token_validity_units {
    access_token = "minutes"
  }
}

# For browsers and apps, which cannot keep a secret: the authorization code flow, with PKCE (RFC 7636).
resource "aws_cognito_user_pool_client" "people" {
  count = local.cognito && length(var.cognito_callback_urls) > 0 ? 1 : 0

  user_pool_id = aws_cognito_user_pool.this[0].id
  name         = "people"

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes = concat(
    ["openid"],
    [for scope in local.people_may : "${aws_cognito_resource_server.tasks[0].identifier}/${scope}"],
  )
  supported_identity_providers = ["COGNITO"]
  callback_urls                = var.cognito_callback_urls
  explicit_auth_flows          = ["ALLOW_REFRESH_TOKEN_AUTH"]

  access_token_validity         = 60
  enable_token_revocation       = true
  prevent_user_existence_errors = "ENABLED"

  token_validity_units {
    access_token = "minutes"
  }
}
