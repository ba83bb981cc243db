"""What fills and plays the simulated hospital: past traffic, staff accounts, and the wards' work, by real acts."""
