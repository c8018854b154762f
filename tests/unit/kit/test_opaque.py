"""A name that is given out tells neither what it names nor whether that has changed; its reader alone gives it back."""

from services.kit.opaque import Opaque


def test_one_place_is_named_anew_each_time_and_always_as_long() -> None:
    names = Opaque(bytes(range(32)))
    given = [names.name(f"{of}.{number}", "retno") for of in (1, 12) for number in (0, 0, 7, 999, 1_000, 2**62)]
    assert len(set(given)) == len(given)
    assert len({len(each) for each in given}) == 1


def test_only_who_was_named_something_can_give_it_back() -> None:
    names = Opaque(bytes(range(32)))
    given = names.name("3.41", "retno")
    assert names.plain(given, "retno") == "3.41"
    assert names.plain(given, "sri") is None
    assert Opaque(bytes(32)).plain(given, "retno") is None
    for bogus in ("3.41", given[:-2], given[::-1], "é", "1." + "9" * 50):
        assert names.plain(bogus, "retno") is None
    assert (names.name("", "retno"), names.plain("", "retno")) == ("", "")
