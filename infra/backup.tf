# Backups in addition to point-in-time recovery: they outlive their tables, and are kept longer than its 35 days.
locals {
  backed_up = var.backup_retention_days > 0

  # A role's purpose → AWS's own policy for it. The backup plan uses the one; a restore names the other.
  backup_roles = {
    for purpose, policy in {
      backup  = "AWSBackupServiceRolePolicyForBackup"
      restore = "AWSBackupServiceRolePolicyForRestores"
    } : purpose => policy if local.backed_up
  }
}

resource "aws_backup_vault" "this" {
  count = local.backed_up ? 1 : 0

  name        = local.prefix
  kms_key_arn = aws_kms_key.this.arn
  # Destroying the deployment does not empty a protected vault.
  force_destroy = !local.protect_data

  timeouts {
    # For each recovery point.
    delete = "60m"
  }

  # AWS deletes recovery points with the rights of the role that made them, so that one goes after the vault.
  # https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRecoveryPoint.html
  depends_on = [aws_iam_role_policy_attachment.backup]
}

resource "aws_backup_plan" "this" {
  count = local.backed_up ? 1 : 0

  name = local.prefix

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.this[0].name
    schedule          = "cron(0 3 * * ? *)"

    lifecycle {
      delete_after = var.backup_retention_days
    }
  }
}

resource "aws_backup_selection" "tables" {
  count = local.backed_up ? 1 : 0

  name         = "tables"
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.backup["backup"].arn
  resources    = [for name, arn in local.table_arns : arn if local.tables[name].backed_up]

  depends_on = [aws_dynamodb_table.this]
}

resource "aws_iam_role" "backup" {
  for_each = local.backup_roles

  name        = "${local.prefix}-${each.key}-${local.region_code}"
  description = "What AWS Backup may do for a ${each.key} of the tables"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
    }]
  })

  permissions_boundary = local.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = local.backup_roles

  role       = aws_iam_role.backup[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/${each.value}"
}
