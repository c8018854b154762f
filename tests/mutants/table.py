"""The faults: what a careless change would do to what this product promises, and which tests must not let it pass."""

from typing import NamedTuple

STORE = "tests/integration/test_store.py"
PHASES = "tests/unit/test_phases.py"
RIGHTS_NEVER = "tests/attacks/test_never.py::test_the_table_of_rights_lets_nobody_knock_who_must_never"
PARTS_NEVER = "tests/attacks/test_never.py::test_the_table_of_parts_gives_nobody_what_he_must_never_have"
KINDS = "tests/unit/projections/test_two_kinds.py"


class Mutant(NamedTuple):
    """``old`` stands once in the file at ``path``; ``tests``: files or node ids, of which one must fail."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "commits-are-not-synced", "services/kit/store/recorders.py", "PRAGMA synchronous=FULL",
        "PRAGMA synchronous=OFF",
        (f"{STORE}::test_every_commit_of_a_store_in_a_file_is_synced_and_none_of_what_can_be_made_anew_need_be",),
    ),
    Mutant(
        "other-databases-are-not-synced", "services/kit/database/place.py", 'else "synchronous=FULL"',
        'else "synchronous=OFF"',
        (f"{STORE}::test_every_commit_of_a_store_in_a_file_is_synced_and_none_of_what_can_be_made_anew_need_be",),
    ),
    Mutant(
        "same-key-other-body-in-one-batch", "services/kit/store/batch.py",
        "same = earlier.job.fingerprint == job.fingerprint", "same = True",
        (f"{STORE}::test_the_same_key_with_another_body_in_one_batch_is_refused",),
    ),
    Mutant(
        "same-key-other-body-later", "services/kit/store/batch.py", "if fingerprint != job.fingerprint:", "if False:",
        (f"{STORE}::test_the_same_command_twice_has_one_effect_and_one_answer",),
    ),
    Mutant(
        "claims-are-not-enforced", "services/kit/store/batch.py", "if owner is not None and owner != claim.owner:",
        "if False:",
        (
            f"{STORE}::test_what_is_claimed_is_nobody_elses_although_the_decision_does_not_look",
        ),
    ),
    Mutant(
        "a-stale-screen-overwrites", "services/kit/store/batch.py",
        "if expected is not None and expected != standing.version:", "if False:",
        (f"{STORE}::test_a_stale_screen_is_refused",),
    ),
    Mutant(
        "anybody-asks-any-command", "services/kit/policy.py",
        "if askers.relation or askers.roles & roles_of(actor):", "if True:",
        ("tests/unit/test_tables_of_the_road.py",),
    ),
    Mutant(
        "a-secret-for-anybody-who-asks", "services/organisation/adapters/console.py", "actor=self.by,",
        "actor=CONSOLE,",
        ("tests/attacks/test_credentials.py::test_nobody_but_an_administrator_is_given_a_secret",),
    ),
    Mutant(
        "the-guard-lets-every-role-in", "gateway/edge/guard.py", "if not right.allows(visitor.roles):", "if False:",
        ("tests/unit/gateway/test_command_routes.py", "tests/unit/gateway/test_web_pages.py"),
    ),
    Mutant(
        "the-administrator-reads-letters", "gateway/edge/rights.py",
        'READERS = STAFF | {"inspector", EXAMINER, ASSIGNER}',
        'READERS = STAFF | {"inspector", "admin", EXAMINER, ASSIGNER}', (RIGHTS_NEVER,),
    ),
    Mutant(
        "raw-mail-for-every-reader", "gateway/edge/parts.py",
        "Part.RAW: {ORDINARY: INSPECTOR | {Relation.OPERATOR},", "Part.RAW: {ORDINARY: READER,", (PARTS_NEVER,),
    ),
    Mutant(
        "a-classified-title-is-told", "gateway/edge/parts.py",
        "Part.TITLE: {ORDINARY: INVOLVED, UNREADABLE: READER, HARMFUL: READER},",
        "Part.TITLE: dict.fromkeys(Matter, INVOLVED),", (PARTS_NEVER, "tests/unit/gateway/test_parts.py"),
    ),
    Mutant(
        "the-barred-see-the-case", "services/kit/access.py", "if _names(self.barred, tokens):", "if False:", (KINDS,),
    ),
    Mutant(
        "everybody-sees-what-is-restricted", "services/projections/views/shared/kinds.py",
        "return sees_all(reader, self.roles, restrictable=self.cases.restrictable)", "return True", (KINDS,),
    ),
    Mutant(
        "the-barred-find-the-case", "services/kit/projections/access.py",
        "return seen & (table.c.barred.is_(None) | (~_any(table.c.barred, tokens) & (~near | own)))", "return seen",
        (KINDS,),
    ),
    Mutant(
        "a-released-letter-changes", "services/kit/deciding.py", "brings = not self.states or phase in self.states",
        "brings = True", (PHASES,),
    ),
)  # fmt: skip
