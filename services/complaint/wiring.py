"""Who is plugged into whom: the case's history and the keys into what completes a command, and into the answers."""

from services.complaint.adapters.completing import completing
from services.complaint.adapters.letters import lettering
from services.complaint.domain.clock import CLOCKS
from services.complaint.handlers import COMMANDS, STREAMS
from services.complaint.reactions import REACTIONS
from services.complaint.views.deadlines import reckoning
from services.complaint.views.files import files
from services.complaint.views.register import register
from services.complaint.views.sheets import sheets
from services.complaint.views.thread import tracking
from services.kit.letters import Issuing, letter_sandbox
from services.kit.runtime import Kit
from services.kit.service import Service
from services.kit.settings import Settings

NAME = "complaint"


def build(_settings: Settings, kit: Kit) -> Service:
    papers = letter_sandbox()
    return Service(
        name=NAME,
        commands=COMMANDS,
        streams=STREAMS,
        reactions=REACTIONS,
        clocks=CLOCKS,
        person_blobs=True,
        before={
            **completing(
                kit.history, kit.keys.open, lambda agency: kit.keys.purpose(agency, "codes"), kit.person_blobs.are_his
            ),
            **lettering(kit.history, kit.keys.open, Issuing(papers, kit.blobs, kit.clock)),
        },
        close=papers.close,
        queries={
            **tracking(kit.history, kit.keys.open, kit.clock),
            **files(kit.history),
            **sheets(kit.history, kit.keys.open),
            **reckoning(kit.history, kit.clock),
            **register(kit.beginning, kit.keys.open),
        },
    )
