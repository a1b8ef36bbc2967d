from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "alerts"
    label = "alerts"
    verbose_name = "告警"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from store import triggers

        triggers.append_only("alerts_audit")
