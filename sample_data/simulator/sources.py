"""Where the numbers of the simulator come from.

``(abstract)`` after a source: only the abstract was read. What no source gives is marked as
an assumption, in the same place.
"""

from __future__ import annotations

DESIGN = "assumption of this simulator, not a published figure"

ALMA = (
    "Chervin et al., Mov Disord 2003;18:551 (abstract): about 1-2 Hz, bursts 0.1-0.5 s, "
    "several to 20 s"
)
ANDREASSEN = "Andreassen and Arendt-Nielsen, J Physiol 1987;391:561; lower when cold or tired"
CHANEY = (
    "Chaney and Sherman, pilot study (abstract): calf EMG near twice its earlier level after "
    "painful waking"
)
CRAMP_RANGE = (
    "Hallegraeff et al., BMC Fam Pract 2017;18:29 (abstract): seconds to 10 min; laboratory "
    "cramps 55 +- 19 s (source not checked)"
)
CRAMP_AGAIN = (
    "Miller et al., Muscle Nerve 2017;56:E95 (abstract): easier to provoke for an hour; "
    "interval: "
) + DESIGN
EFM = (
    "AASM rule as in ATS Quick Hits, Cohen and Walters: at most 150 ms, at least 5/min for "
    "20 min, 50 to several hundred uV"
)
FASCICULATION = (
    "EEG Clin Neurophysiol 1994;93:163 (abstract): at least 50 uV; at most 3/min in tibialis "
    "anterior, more in other leg muscles"
)
FUGLEVAND = "Fuglevand et al., J Neurophysiol 1993;70:2470 (not read in full)"
GEL = "range of gel electrodes with skin preparation; " + DESIGN
HFT = (
    "Yang and Winkelman, J Clin Sleep Med 2010;6:431 (abstract): 1.6 +- 0.6 Hz, 0.4-3.7; "
    "17.6 +- 35.4 s, 1.5 s to 6.1 min"
)
HFT_BURST = (
    "Rhythmic feet movements while falling asleep, Mov Disord 2001 (abstract): 0.3-0.7 s"
)
LARGE = "Ferri et al., Sleep 2021;44:zsab092 (abstract): 3-45 s in two or more channels"
MINETTO = (
    "Minetto et al., J Neurophysiol 2009;102:1890 (abstract): 14.5 +- 5.1 pulses/s, interval "
    "variation 44.6 +- 9.7 %, common 1.4 +- 0.4 Hz; foot muscle, elicited"
)
ONE_HEAD = (
    "Khan and Burne, J Neurophysiol 2007;98:1102 (abstract): one head of gastrocnemius, the "
    "other silent"
)
PLM = "Ferri et al., Sleep 2006;29:759 (abstract): intervals peak at 15-30 s, 10-90 s"
RBD = (
    "Quantification of tonic and phasic muscle activity in REM sleep behavior disorder "
    "(abstract): in the range of 0.2 s; "
) + DESIGN
ROSS = "Ross and Thomas, Brain 1995;118:983 (abstract): stretching breaks the cramp"
SHORT_POTENTIALS = (
    "Roeleveld et al., J Appl Physiol 2000;88:1698 (abstract): potentials shorter than in a "
    "maximal contraction; how much: "
) + DESIGN
SPACING = "AASM manual: 2-3 cm, or a third of the muscle; " + DESIGN
SPECTRUM = (
    "Neurophysiol Clin 2009;39:15 (abstract): larger cramps have a compressed spectrum; how "
    "much: "
) + DESIGN
STILL = "Terrill et al., IEEE EMBC 2013:6862 (abstract): 39 % without movement of the toe"
TONE = (
    "McKay et al., Spinal Cord 2011;49:87 (abstract): long-lasting involuntary unit activity "
    "in relaxation in 12 of 25 with spinal injury; level: "
) + DESIGN
WASM = "Ferri et al., Sleep Med 2016;26:86 (WASM 2016, abstract): 0.5-10 s, intervals 10-90 s"
