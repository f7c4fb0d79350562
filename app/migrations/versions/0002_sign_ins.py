"""Sign-ins, sessions and the audit trail"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sign-ins, sessions and the audit trail."""
    op.create_table(
        "throttles",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_throttles")),
    )

    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.create_index("ix_throttles_since", ["since"], unique=False)

    op.create_table(
        "audit_events",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_label", sa.String(length=320), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=36), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_events_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "sequence", name=op.f("pk_audit_events")),
    )

    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_events_emergencies",
            ["tenant_id", "at"],
            unique=False,
            sqlite_where=sa.text("action = 'session.started-in-emergency'"),
            postgresql_where=sa.text("action = 'session.started-in-emergency'"),
        )
        batch_op.create_index(
            "ix_audit_events_object", ["tenant_id", "object_kind", "object_id"], unique=False
        )
        batch_op.create_index("ix_audit_events_tenant_id_at", ["tenant_id", "at"], unique=False)

    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_audit_heads_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_audit_heads")),
    )

    op.create_table(
        "pending_sign_ins",
        sa.Column("relay_state", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("identity_provider_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("return_path", sa.String(length=2000), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("ticket_hash", sa.String(length=64), nullable=True),
        sa.Column("ticket_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("assertion", sa.JSON(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_pending_sign_ins_tenant_id")
        ),
        sa.PrimaryKeyConstraint("relay_state", name=op.f("pk_pending_sign_ins")),
    )

    with op.batch_alter_table("pending_sign_ins", schema=None) as batch_op:
        batch_op.create_index("ix_pending_sign_ins_expires_at", ["expires_at"], unique=False)
        batch_op.create_index(
            "uq_pending_sign_ins_request_id", ["tenant_id", "request_id"], unique=True
        )
        batch_op.create_index("uq_pending_sign_ins_ticket_hash", ["ticket_hash"], unique=True)

    op.create_table(
        "sign_in_attempts",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(length=2000), nullable=True),
        sa.Column("name_id", sa.String(length=512), nullable=True),
        sa.Column("name_id_format", sa.String(length=200), nullable=True),
        sa.Column("rule", sa.String(length=20), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("idp_entity_id", sa.String(length=1024), nullable=True),
        sa.Column("trace", sa.JSON(), nullable=True),
        sa.Column("assertion", sa.JSON(), nullable=True),
        sa.Column("ip_address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_sign_in_attempts_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )

    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sign_in_attempts_account_id_at", ["account_id", "at"], unique=False
        )
        batch_op.create_index(
            "ix_sign_in_attempts_tenant_id_at",
            ["tenant_id", "at", "id", "reason", "rule"],
            unique=False,
        )
        batch_op.create_index(
            "ix_sign_in_attempts_tenant_id_name_id", ["tenant_id", "name_id", "at"], unique=False
        )
        batch_op.create_index(
            "ix_sign_in_attempts_tenant_id_reason",
            ["tenant_id", "reason", "at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_sign_in_attempts_reference", ["tenant_id", "reference"], unique=True
        )

    op.create_table(
        "used_assertions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_used_assertions_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_used_assertions")),
    )

    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.create_index("ix_used_assertions_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("tenant_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=True),
        sa.Column("idp_entity_id", sa.String(length=1024), nullable=True),
        sa.Column("name_id", sa.String(length=1024), nullable=True),
        sa.Column("name_id_format", sa.String(length=200), nullable=True),
        sa.Column("name_qualifier", sa.String(length=1024), nullable=True),
        sa.Column("sp_name_qualifier", sa.String(length=1024), nullable=True),
        sa.Column("session_index", sa.String(length=1024), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ip_address", sa.String(length=64), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_sessions_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_sessions_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("uq_sessions_token_hash", ["token_hash"], unique=True)


def downgrade() -> None:
    """Undo: Sign-ins, sessions and the audit trail."""
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index("uq_sessions_token_hash")
        batch_op.drop_index("ix_sessions_expires_at")
        batch_op.drop_index("ix_sessions_account_id")

    op.drop_table("sessions")

    with op.batch_alter_table("used_assertions", schema=None) as batch_op:
        batch_op.drop_index("ix_used_assertions_expires_at")

    op.drop_table("used_assertions")

    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index("uq_sign_in_attempts_reference")
        batch_op.drop_index("ix_sign_in_attempts_tenant_id_reason")
        batch_op.drop_index("ix_sign_in_attempts_tenant_id_name_id")
        batch_op.drop_index("ix_sign_in_attempts_tenant_id_at")
        batch_op.drop_index("ix_sign_in_attempts_account_id_at")

    op.drop_table("sign_in_attempts")

    with op.batch_alter_table("pending_sign_ins", schema=None) as batch_op:
        batch_op.drop_index("uq_pending_sign_ins_ticket_hash")
        batch_op.drop_index("uq_pending_sign_ins_request_id")
        batch_op.drop_index("ix_pending_sign_ins_expires_at")

    op.drop_table("pending_sign_ins")

    op.drop_table("audit_heads")

    with op.batch_alter_table("audit_events", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_events_tenant_id_at")
        batch_op.drop_index("ix_audit_events_object")
        batch_op.drop_index(
            "ix_audit_events_emergencies",
            sqlite_where=sa.text("action = 'session.started-in-emergency'"),
            postgresql_where=sa.text("action = 'session.started-in-emergency'"),
        )

    op.drop_table("audit_events")

    with op.batch_alter_table("throttles", schema=None) as batch_op:
        batch_op.drop_index("ix_throttles_since")

    op.drop_table("throttles")
