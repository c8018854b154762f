"""Who is plugged into whom: the directories into the workers' effects, the case's history into what they are given."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from contracts.account_provisioning import ChangeOwnSecret, ClaimState, IssueReply, PrintSlip, SetSecret
from services.account_provisioning.adapters import embedded
from services.account_provisioning.adapters.claims import Claims, Outside
from services.account_provisioning.adapters.completing import completing, person_by
from services.account_provisioning.adapters.directories import Directories
from services.account_provisioning.adapters.effects import effect_of, handed_back
from services.account_provisioning.adapters.embedded import EmbeddedDirectory
from services.account_provisioning.adapters.jobs import queues
from services.account_provisioning.adapters.own_secret import OwnSecrets
from services.account_provisioning.adapters.replies import replying
from services.account_provisioning.adapters.slips import Slips, paper_sandbox
from services.account_provisioning.domain.clock import CLOCKS
from services.account_provisioning.handlers import COMMANDS, STREAMS
from services.account_provisioning.policy import CONNECTORS, EMBEDDED
from services.account_provisioning.ports import Directory
from services.account_provisioning.reactions import REACTIONS
from services.account_provisioning.settings import AccountSettings, directories_of
from services.account_provisioning.views.deadlines import reckoning
from services.account_provisioning.views.files import files
from services.account_provisioning.views.sheets import sheets
from services.account_provisioning.views.tracking import tracking
from services.kit.jobs import Effect
from services.kit.letters import Issuing
from services.kit.runtime import Kit
from services.kit.service import Service
from services.kit.settings import Settings

NAME = "account_provisioning"


def build(settings: Settings, kit: Kit) -> Service:
    directories = Directories(directories_of(AccountSettings()))  # a mistake in them stops the start
    papers = paper_sandbox()

    def directory(agency: str, connector: str) -> Directory:
        return EmbeddedDirectory(kit.engine, agency) if connector == EMBEDDED else directories.of(agency, connector)

    outside = Outside(directory, directories.servers)
    own_secrets = OwnSecrets(kit.history, kit.execute, kit.keys.open, outside, kit.clock)
    claims = Claims(
        kit.history, kit.execute, kit.keys.purpose, kit.keys.open, outside,
        Slips(papers, settings.base_url), kit.clock,
    )  # fmt: skip

    def identity(agency: str) -> bytes:
        return kit.keys.purpose(agency, "identity")

    def codes(agency: str) -> bytes:
        return kit.keys.purpose(agency, "codes")

    async def close() -> None:
        directories.close()
        await papers.close()

    return Service(
        name=NAME,
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        clocks=CLOCKS,
        person_blobs=True,
        queues=queues(kit.history, kit.keys.open, lambda agency: EmbeddedDirectory(kit.engine, agency)),
        before={
            **completing(kit.history, kit.keys.open, identity, codes, kit.person_blobs.are_his, directory),
            IssueReply: replying(kit.history, kit.keys.open, Issuing(papers, kit.blobs, kit.clock)),
        },
        queries={
            **sheets(kit.history, kit.keys.open, lambda *where: directory(*where[:2]).leads(where[2])),
            **reckoning(kit.history, kit.clock),
            **tracking(kit.history, kit.keys.open),
            **files(kit.history, partial(person_by, identity)),
            ClaimState: claims.state,
        },
        requests={SetSecret: claims.set_secret, PrintSlip: claims.slip, ChangeOwnSecret: own_secrets.change},
        close=close,
        migrate=partial(embedded.METADATA.create_all, kit.engine),
    )


@asynccontextmanager
async def effects(_settings: Settings) -> AsyncIterator[Mapping[str, Effect]]:
    """For the workers of all queues: they reach the directories outside, and no database of ours."""
    directories = Directories(directories_of(AccountSettings()))
    try:
        outside = {connector: effect_of(connector, directories.of) for connector in CONNECTORS if connector != EMBEDDED}
        yield {**outside, EMBEDDED: handed_back}
    finally:
        directories.close()
