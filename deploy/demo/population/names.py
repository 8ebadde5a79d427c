"""Parts of made-up names. Any likeness of a whole name to a living person's is chance."""

from typing import Final

MALE: Final = (
    "Agus", "Bambang", "Joko", "Slamet", "Hadi", "Budi", "Eko", "Dwi", "Tri", "Catur", "Wahyu", "Bayu",
    "Dimas", "Arif", "Rizki", "Fajar", "Teguh", "Sigit", "Heru", "Yudi", "Andi", "Imam", "Ahmad",
    "Muhammad", "Taufik", "Hendra", "Rudi", "Adi", "Aris", "Danang", "Galih", "Ilham", "Irfan", "Nugroho",
    "Purwanto", "Sutrisno", "Suparman", "Wibowo", "Yoga", "Zainal", "Gunawan", "Ridwan", "Aditya", "Panji",
    "Satria", "Anton", "Basuki", "Cahyo", "Darmawan", "Edi",
)  # fmt: skip
FEMALE: Final = (
    "Sri", "Siti", "Dewi", "Rina", "Wati", "Endang", "Sulastri", "Yuliana", "Ratna", "Retno", "Nur",
    "Fitri", "Indah", "Lestari", "Ayu", "Putri", "Wulan", "Sari", "Rahayu", "Kartika", "Maya", "Nina",
    "Anisa", "Dian", "Eka", "Fatimah", "Galuh", "Hesti", "Ika", "Kurnia", "Lilis", "Mega", "Nani",
    "Oktavia", "Puji", "Rini", "Sinta", "Tuti", "Umi", "Vina", "Winarsih", "Yanti", "Zahra", "Murni",
    "Ningsih", "Astuti", "Bekti", "Candra", "Diah", "Erna",
)  # fmt: skip
FAMILY: Final = (
    "Santoso", "Wijaya", "Prasetyo", "Setiawan", "Kusuma", "Hidayat", "Saputra", "Utomo", "Susanto",
    "Raharjo", "Nugraha", "Wicaksono", "Hartono", "Pratama", "Suryadi", "Kurniawan", "Purnomo", "Handoko",
    "Widodo", "Sulistyo", "Firmansyah", "Maulana", "Permana", "Subagyo", "Haryanto", "Mulyono", "Suharto",
    "Triyono", "Budiman", "Kuncoro", "Laksono", "Mahendra", "Nurhadi", "Pamungkas", "Rachmadi", "Sasongko",
    "Tjahjono", "Wardana", "Yulianto", "Anggoro", "Basri", "Cahyono", "Darmanto", "Efendi", "Fathoni",
    "Ghofur", "Hakim", "Iskandar", "Jatmiko", "Karim",
)  # fmt: skip
