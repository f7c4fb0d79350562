"""People, accounts and settings"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """People, accounts and settings."""
    op.create_table(
        "tenants",
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=False),
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("default_language", sa.String(length=8), nullable=False),
        sa.Column("settings_version", sa.Integer(), nullable=False),
        sa.Column("sso_enabled", sa.Boolean(), nullable=False),
        sa.Column("sso_enforced", sa.Boolean(), nullable=False),
        sa.Column("sso_redirects_at_once", sa.Boolean(), nullable=False),
        sa.Column("session_idle_minutes", sa.Integer(), nullable=False),
        sa.Column("session_absolute_minutes", sa.Integer(), nullable=False),
        sa.Column("next_person_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("base_url", name=op.f("uq_tenants_base_url")),
        sa.UniqueConstraint("host", name=op.f("uq_tenants_host")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenants_slug")),
    )

    op.create_table(
        "companies",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_companies_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_companies_tenant_id_name")),
    )

    op.create_table(
        "identity_providers",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("entity_id", sa.String(length=1024), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sso_redirect_url", sa.String(length=2000), nullable=True),
        sa.Column("sso_post_url", sa.String(length=2000), nullable=True),
        sa.Column("slo_redirect_url", sa.String(length=2000), nullable=True),
        sa.Column("slo_post_url", sa.String(length=2000), nullable=True),
        sa.Column("slo_response_url", sa.String(length=2000), nullable=True),
        sa.Column("signing_certificates", sa.JSON(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("metadata_xml", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_identity_providers_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_providers")),
        sa.UniqueConstraint(
            "tenant_id", "entity_id", name=op.f("uq_identity_providers_tenant_id_entity_id")
        ),
    )

    op.create_table(
        "permission_groups",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_permission_groups_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permission_groups")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_permission_groups_tenant_id_name")),
    )

    op.create_table(
        "structure_levels",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["structure_levels.id"], name=op.f("fk_structure_levels_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_structure_levels_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_structure_levels")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_structure_levels_tenant_id_name")),
    )

    op.create_table(
        "people",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column(
            "given_name_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "family_name_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("primary_email", sa.String(length=320), nullable=True),
        sa.Column(
            "email_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("email_is_shared", sa.Boolean(), nullable=False),
        sa.Column("employee_number", sa.String(length=320), nullable=True),
        sa.Column(
            "employee_number_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("company_id", sa.String(length=36), nullable=True),
        sa.Column("structure_level_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_people_company_id")
        ),
        sa.ForeignKeyConstraint(
            ["structure_level_id"],
            ["structure_levels.id"],
            name=op.f("fk_people_structure_level_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_people_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_people_tenant_id_number")),
    )

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(
            "ix_people_tenant_id_created_at", ["tenant_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_people_tenant_id_email_key", ["tenant_id", "email_key"], unique=False
        )
        batch_op.create_index(
            "ix_people_tenant_id_employee_number_key",
            ["tenant_id", "employee_number_key"],
            unique=False,
        )
        batch_op.create_index(
            "ix_people_tenant_id_given_name_key", ["tenant_id", "given_name_key"], unique=False
        )
        batch_op.create_index(
            "ix_people_tenant_id_name",
            ["tenant_id", "family_name_key", "given_name_key", "id"],
            unique=False,
        )

    op.create_table(
        "accounts",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=320), nullable=False),
        sa.Column(
            "username_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("sso_id", sa.String(length=320), nullable=True),
        sa.Column(
            "sso_id_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "sso_id_folded",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "email_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("email_is_shared", sa.Boolean(), nullable=False),
        sa.Column(
            "employee_number_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column(
            "employee_number_folded",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_accounts_person_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_accounts_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("person_id", name=op.f("uq_accounts_person_id")),
    )

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_accounts_employee_number_folded",
            ["tenant_id", "employee_number_folded"],
            unique=False,
        )
        batch_op.create_index(
            "ix_accounts_sso_id_folded", ["tenant_id", "sso_id_folded"], unique=False
        )
        batch_op.create_index(
            "ix_accounts_tenant_id_created_at", ["tenant_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_accounts_tenant_id_email_key", ["tenant_id", "email_key"], unique=False
        )
        batch_op.create_index(
            "ix_accounts_tenant_id_is_enabled",
            ["tenant_id", "is_enabled", "person_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_accounts_email_key",
            ["tenant_id", "email_key"],
            unique=True,
            sqlite_where=sa.text("email_is_shared = 0"),
            postgresql_where=sa.text("NOT email_is_shared"),
        )
        batch_op.create_index(
            "uq_accounts_employee_number_key", ["tenant_id", "employee_number_key"], unique=True
        )
        batch_op.create_index("uq_accounts_sso_id_key", ["tenant_id", "sso_id_key"], unique=True)
        batch_op.create_index(
            "uq_accounts_username_key", ["tenant_id", "username_key"], unique=True
        )

    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("permission_group_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_memberships_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["permission_group_id"],
            ["permission_groups.id"],
            name=op.f("fk_memberships_permission_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint(
            "account_id",
            "permission_group_id",
            name=op.f("uq_memberships_account_id_permission_group_id"),
        ),
    )

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(
            "ix_memberships_permission_group_id", ["permission_group_id"], unique=False
        )


def downgrade() -> None:
    """Undo: People, accounts and settings."""
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index("ix_memberships_permission_group_id")

    op.drop_table("memberships")

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_index("uq_accounts_username_key")
        batch_op.drop_index("uq_accounts_sso_id_key")
        batch_op.drop_index("uq_accounts_employee_number_key")
        batch_op.drop_index(
            "uq_accounts_email_key",
            sqlite_where=sa.text("email_is_shared = 0"),
            postgresql_where=sa.text("NOT email_is_shared"),
        )
        batch_op.drop_index("ix_accounts_tenant_id_is_enabled")
        batch_op.drop_index("ix_accounts_tenant_id_email_key")
        batch_op.drop_index("ix_accounts_tenant_id_created_at")
        batch_op.drop_index("ix_accounts_sso_id_folded")
        batch_op.drop_index("ix_accounts_employee_number_folded")

    op.drop_table("accounts")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index("ix_people_tenant_id_name")
        batch_op.drop_index("ix_people_tenant_id_given_name_key")
        batch_op.drop_index("ix_people_tenant_id_employee_number_key")
        batch_op.drop_index("ix_people_tenant_id_email_key")
        batch_op.drop_index("ix_people_tenant_id_created_at")

    op.drop_table("people")

    op.drop_table("structure_levels")

    op.drop_table("permission_groups")

    op.drop_table("identity_providers")

    op.drop_table("companies")

    op.drop_table("tenants")
