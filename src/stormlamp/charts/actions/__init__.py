"""Acts on charts, and why they refuse."""

from stormlamp.charts.actions.care import chart_dose as chart_dose
from stormlamp.charts.actions.care import chart_vitals as chart_vitals
from stormlamp.charts.actions.care import confirm_entry as confirm_entry
from stormlamp.charts.actions.care import record_allergy as record_allergy
from stormlamp.charts.actions.care import record_no_allergies as record_no_allergies
from stormlamp.charts.actions.care import strike_entry as strike_entry
from stormlamp.charts.actions.care import write_note as write_note
from stormlamp.charts.actions.identities import confirm_identification as confirm_identification
from stormlamp.charts.actions.identities import propose_identification as propose_identification
from stormlamp.charts.actions.identities import remove_flag as remove_flag
from stormlamp.charts.actions.identities import reveal_name as reveal_name
from stormlamp.charts.actions.identities import set_flag as set_flag
from stormlamp.charts.actions.identities import undo_identification as undo_identification
from stormlamp.charts.actions.papers import close_paper as close_paper
from stormlamp.charts.actions.papers import declare_paper_lost as declare_paper_lost
from stormlamp.charts.actions.papers import enter_paper as enter_paper
from stormlamp.charts.actions.papers import open_paper as open_paper
from stormlamp.charts.actions.stays import admit_patient as admit_patient
from stormlamp.charts.actions.stays import discharge_patient as discharge_patient
from stormlamp.charts.actions.stays import move_patient as move_patient
from stormlamp.charts.actions.stays import record_death as record_death
from stormlamp.charts.actions.stays import register_newborn as register_newborn
from stormlamp.charts.actions.stays import register_patient as register_patient
from stormlamp.charts.actions.stays import register_unknown as register_unknown
