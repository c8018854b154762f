"""Keys with a purpose: one row (agency, purpose) of the key store each, for what is computed and not sealed.

They outlive every rotation of the keyring, because the row is wrapped anew and its secret stays; and nothing destroys
them: they are the agency's, whom no erasure names. A purpose stands in the column of the classes, so that a database
role is given it as it is given a class.
"""

from typing import Literal, get_args

Purpose = Literal["identity", "links", "codes", "hooks", "contact-codes"]
"""*identity*: whose key a person's fields have, from his NIP. *links*: tokens of links. *codes*: of public cases.
*hooks*: secrets that sign webhooks. *contact-codes*: what is sent to an address to see who reads there.
"""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
OF_THE_AGENCY = "agency"
"""The subject of such a row: `Keys.destroy` refuses it."""
