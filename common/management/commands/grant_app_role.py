"""Give the application's database role what its daily work needs, and nothing that could hide a trace."""

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

ORDINARY = "SELECT, INSERT, UPDATE, DELETE"
# Triggers refuse changes too, but triggers can be switched off. So the right itself is withheld.
APPEND_ONLY = "SELECT, INSERT"
READ_ONLY = "SELECT"


def rights(model: type[models.Model]) -> str:
    if not model._meta.managed:
        return READ_ONLY
    return APPEND_ONLY if getattr(model, "append_only", False) else ORDINARY


class Command(BaseCommand):
    help = "由表的所有者执行：授予应用数据库角色日常所需的权限（可重复执行，每次迁移后执行一次）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="应用使用的数据库角色，须已存在")

    @transaction.atomic
    def handle(self, *, role: str, **options: object) -> None:
        with connection.cursor() as cursor:
            self._refuse_powerful(cursor, role)
            name = connection.ops.quote_name(role)
            # Start from nothing, so that a right given by hand, or by an older version, does not stay.
            for kind in ("TABLES", "SEQUENCES"):
                cursor.execute(f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM {name}")
            cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM {name}, PUBLIC")
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
            # The lines of bank files are laid out in a table that ends with the transaction.
            database = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO {name}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
            tables = {
                model._meta.db_table: rights(model)
                for model in apps.get_models(include_auto_created=True)
                if not model._meta.proxy
            }
            tables["django_migrations"] = READ_ONLY
            for table, granted in sorted(tables.items()):
                cursor.execute(f"GRANT {granted} ON {connection.ops.quote_name(table)} TO {name}")
        sealed = sum(granted == APPEND_ONLY for granted in tables.values())
        self.stdout.write(f"已授权角色 {role}：{len(tables)} 张表，其中 {sealed} 张只能追加。")

    def _refuse_powerful(self, cursor: CursorWrapper, role: str) -> None:
        """Grants mean nothing for a role that may do everything, or that may become the owner."""
        cursor.execute(
            "SELECT rolsuper OR rolcreaterole OR rolreplication OR pg_has_role(oid, current_user, 'MEMBER')"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        )
        row = cursor.fetchone()
        if row is None:
            raise CommandError(f"数据库角色 {role} 不存在，请先创建。")
        if row[0]:
            raise CommandError(f"数据库角色 {role} 权限过大（超级用户、可建角色或等同于所有者），不能使用。")
