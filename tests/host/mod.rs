//! A real host: the package installed on a booted Debian, used and scanned over a network, killed, upgraded, removed.

mod boot;
mod browser;
mod cgroup;
mod closing;
mod command;
mod cut_short;
mod firewall;
mod first_run;
mod helper;
mod leftover;
mod life;
mod machine;
mod network;
mod package;
mod ports;
mod root_fs;
mod services;
mod stubborn;
mod tidied;
mod units;
