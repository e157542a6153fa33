"""The notifier's composition root: the one place that constructs."""

from services.chassis.runtime.assembly import Service
from services.chassis.runtime.process import Process
from services.notifier.consumers import SUBSCRIPTIONS
from services.notifier.handlers import MAIL, Office
from services.notifier.http import router
from services.notifier.mail import Line, MailServer
from services.notifier.settings import NotifierSettings, address_of
from services.notifier.worker import Worker


def build(settings: NotifierSettings, roles: frozenset[str]) -> Process:
    """Assemble the process."""
    service = Service("notifier", settings, channels=(MAIL,))
    sender = address_of(settings.sender)
    server = MailServer.parse(settings.smtp_url)
    timeout = settings.smtp_timeout_seconds
    office = Office(
        database=service.database,
        keys=service.keys,
        public_url=settings.public_url,
        sender=sender,
        timeout=timeout,
        announced=service.notify_relay,
    )
    worker = Worker(
        office,
        service.signals,
        lambda: Line(server, greeting=sender.domain, timeout=timeout),
        senders=settings.mail_senders,
    )
    return service.process(
        roles=roles,
        routers=[router(service.database, service.authenticator, service.signals)],
        subscriptions=SUBSCRIPTIONS,
        wakes=(MAIL,),
        workers=[worker.run],
    )
