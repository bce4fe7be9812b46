//! Servers whose configuration is known well enough to quote the line that binds them to their own host.

/// One server.
#[derive(Debug)]
pub(super) struct Known {
    /// Its name.
    pub program: &'static str,
    /// The names of its executable.
    pub files: &'static [&'static str],
    /// The ports for which the line is right; none means any.
    pub ports: &'static [u16],
    /// The file or command.
    pub place: &'static str,
    /// The lines; `PORT` stands for the port.
    pub lines: &'static str,
    /// What makes it hold.
    pub then: &'static str,
}

const fn known(
    (program, files, ports): (&'static str, &'static [&'static str], &'static [u16]),
    place: &'static str,
    lines: &'static str,
    then: &'static str,
) -> Known {
    Known { program, files, ports, place, lines, then }
}

/// The more special entry stands before the more general one.
#[rustfmt::skip]
pub(super) const KNOWN: [Known; 31] = [
    known(("MySQL X protocol", &["mysqld"], &[33060]), "[mysqld] in /etc/mysql/mysql.conf.d/mysqld.cnf or /etc/my.cnf", "mysqlx-bind-address = 127.0.0.1", "systemctl restart mysql"),
    known(("MariaDB", &["mariadbd"], &[]), "[mysqld] in /etc/mysql/mariadb.conf.d/50-server.cnf or /etc/my.cnf.d/mariadb-server.cnf", "bind-address = 127.0.0.1", "systemctl restart mariadb"),
    known(("MySQL", &["mysqld"], &[]), "[mysqld] in /etc/mysql/mysql.conf.d/mysqld.cnf or /etc/my.cnf", "bind-address = 127.0.0.1", "systemctl restart mysql"),
    known(("PostgreSQL", &["postgres"], &[]), "/etc/postgresql/VERSION/main/postgresql.conf or /var/lib/pgsql/data/postgresql.conf", "listen_addresses = 'localhost'", "systemctl restart postgresql"),
    known(("Redis", &["redis-server", "redis-check-rdb"], &[]), "/etc/redis/redis.conf", "bind 127.0.0.1 -::1", "systemctl restart redis-server"),
    known(("Valkey", &["valkey-server", "valkey-check-rdb"], &[]), "/etc/valkey/valkey.conf", "bind 127.0.0.1 -::1", "systemctl restart valkey-server"),
    known(("memcached", &["memcached"], &[]), "/etc/memcached.conf, or OPTIONS in /etc/sysconfig/memcached", "-l 127.0.0.1", "systemctl restart memcached"),
    known(("MongoDB", &["mongod"], &[]), "/etc/mongod.conf", "net:\n  port: PORT\n  bindIp: 127.0.0.1", "systemctl restart mongod"),
    known(("Elasticsearch", &["java"], &[9200, 9300]), "/etc/elasticsearch/elasticsearch.yml", "network.host: 127.0.0.1", "systemctl restart elasticsearch"),
    known(("Cassandra", &["java"], &[9042, 7000]), "/etc/cassandra/cassandra.yaml", "rpc_address: 127.0.0.1\nlisten_address: 127.0.0.1", "systemctl restart cassandra"),
    known(("CouchDB", &["beam.smp"], &[5984]), "[chttpd] in /opt/couchdb/etc/local.ini", "bind_address = 127.0.0.1", "systemctl restart couchdb"),
    known(("RabbitMQ", &["beam.smp"], &[5672]), "/etc/rabbitmq/rabbitmq.conf", "listeners.tcp.local = 127.0.0.1:PORT", "systemctl restart rabbitmq-server"),
    known(("InfluxDB", &["influxd"], &[]), "[http] in /etc/influxdb/influxdb.conf", "bind-address = \"127.0.0.1:PORT\"", "systemctl restart influxdb"),
    known(("the RPC port mapper", &["rpcbind"], &[]), "systemctl edit rpcbind.socket", "[Socket]\nListenStream=\nListenDatagram=\nListenStream=/run/rpcbind.sock\nListenStream=127.0.0.1:PORT\nListenDatagram=127.0.0.1:PORT", "systemctl restart rpcbind.socket rpcbind.service"),
    known(("CUPS", &["cupsd"], &[]), "/etc/cups/cupsd.conf, in the place of Port or Listen", "Listen localhost:PORT", "systemctl restart cups"),
    known(("Postfix", &["master"], &[]), "/etc/postfix/main.cf", "inet_interfaces = loopback-only", "systemctl restart postfix"),
    known(("Exim", &["exim4"], &[]), "/etc/exim4/update-exim4.conf.conf", "dc_local_interfaces='127.0.0.1 ; ::1'", "update-exim4.conf && systemctl restart exim4"),
    known(("Dovecot", &["dovecot"], &[]), "/etc/dovecot/dovecot.conf", "listen = 127.0.0.1, ::1", "systemctl restart dovecot"),
    known(("Docker", &["docker-proxy"], &[]), "the command that starts the container; in a compose file \"127.0.0.1:PORT:…\" below ports", "docker run -p 127.0.0.1:PORT:… …", "docker compose up -d, or start the container anew"),
    known(("BIND", &["named"], &[]), "options { … } in /etc/bind/named.conf.options or /etc/named.conf", "listen-on { 127.0.0.1; };\nlisten-on-v6 { ::1; };", "systemctl restart named"),
    known(("Unbound", &["unbound"], &[]), "server: in /etc/unbound/unbound.conf", "interface: 127.0.0.1\ninterface: ::1", "systemctl restart unbound"),
    known(("dnsmasq", &["dnsmasq"], &[]), "/etc/dnsmasq.conf", "listen-address=127.0.0.1,::1\nbind-interfaces", "systemctl restart dnsmasq"),
    known(("OpenLDAP", &["slapd"], &[]), "/etc/default/slapd", "SLAPD_SERVICES=\"ldap://127.0.0.1:PORT/ ldapi:///\"", "systemctl restart slapd"),
    known(("Squid", &["squid"], &[]), "/etc/squid/squid.conf", "http_port 127.0.0.1:PORT", "systemctl restart squid"),
    known(("the SNMP agent", &["snmpd"], &[]), "/etc/snmp/snmpd.conf", "agentaddress 127.0.0.1,[::1]", "systemctl restart snmpd"),
    known(("the node exporter", &["prometheus-node-exporter", "node_exporter"], &[]), "ARGS in /etc/default/prometheus-node-exporter", "--web.listen-address=127.0.0.1:PORT", "systemctl restart prometheus-node-exporter"),
    known(("Prometheus", &["prometheus"], &[]), "ARGS in /etc/default/prometheus", "--web.listen-address=127.0.0.1:PORT", "systemctl restart prometheus"),
    known(("Grafana", &["grafana", "grafana-server"], &[]), "[server] in /etc/grafana/grafana.ini", "http_addr = 127.0.0.1", "systemctl restart grafana-server"),
    known(("Mosquitto", &["mosquitto"], &[]), "/etc/mosquitto/mosquitto.conf", "listener PORT 127.0.0.1", "systemctl restart mosquitto"),
    known(("Samba", &["smbd", "nmbd"], &[]), "[global] in /etc/samba/smb.conf", "interfaces = lo\nbind interfaces only = yes", "systemctl restart smbd nmbd"),
    known(("Caddy's administration", &["caddy"], &[2019]), "the global options of /etc/caddy/Caddyfile", "admin localhost:PORT", "systemctl restart caddy"),
];
