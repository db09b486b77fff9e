"""What stands in every report, whatever a night shows: the words of public health services.

The text is fixed and never follows from an event. Sources: ``docs/safety.md``.
"""

from __future__ import annotations

from .markup import Html, join, tag

YOUR_BODY = (
    (
        "This text is the same in every report, whatever the recording shows. It repeats "
        "what public health services say; their pages are to be followed, not this one."
    ),
    (
        "They say to seek help at once for cramps that last longer than ten minutes and "
        "do not get better, and for cramps that follow contact with something poisonous "
        "or an infected wound; and urgently for throbbing or cramping pain with swelling, "
        "warmth or a change of skin colour in one leg, which can be a blood clot and not "
        "a cramp."
    ),
    (
        "They say to see a doctor where cramps disturb sleep or daily life, or where "
        "muscles become weaker or smaller."
    ),
    (
        "Put electrodes and bands on clean, dry, unbroken skin only, look when you take "
        "them off, and leave them off until a mark or an itch has gone."
    ),
    (
        "Sources: nidirect (Government of Northern Ireland), Leg cramps; Mayo Clinic, "
        "Night leg cramps; University College London Hospitals, Deep vein thrombosis; "
        "Health Service Executive (Ireland), Contact dermatitis."
    ),
)


def your_body() -> Html:
    """Return the section on skin and on when to seek help."""
    return join([tag("h2", "Your body"), *(tag("p", text) for text in YOUR_BODY)])
