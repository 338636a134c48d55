import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.GeneralSecurityException;
import java.util.List;
import org.apache.cxf.configuration.jsse.TLSServerParameters;
import org.apache.cxf.transport.http_jetty.JettyHTTPServerEngine;
import org.apache.cxf.transport.http_jetty.JettyHTTPServerEngineFactory;
import org.eclipse.jetty.security.Authenticator;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.SecurityHandler;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.BasicAuthenticator;
import org.eclipse.jetty.security.authentication.DigestAuthenticator;
import org.eclipse.jetty.util.security.Password;

/** Addresses at which Jetty asks who calls, before CXF sees a request. */
final class Doors {
    /** Milliseconds after which a nonce of HTTP Digest is stale. */
    private static final long NONCE_AGE = 2000;

    private Doors() {
    }

    /** Scheme, host and port of a new one. */
    static String open(String kind, JettyHTTPServerEngineFactory engines, Security security) throws IOException, GeneralSecurityException {
        int port = freePort();
        switch (kind) {
            case "basic" -> guard(engines.createJettyHTTPServerEngine("127.0.0.1", port, "http"), new BasicAuthenticator());
            case "digest" -> {
                DigestAuthenticator digest = new DigestAuthenticator();
                digest.setMaxNonceAge(NONCE_AGE);
                guard(engines.createJettyHTTPServerEngine("127.0.0.1", port, "http"), digest);
            }
            case "certificate" -> {
                TLSServerParameters tls = security.mutualTls();
                engines.setTLSServerParametersForPort("127.0.0.1", port, tls);
            }
            default -> throw new IOException(kind);
        }
        return (kind.equals("certificate") ? "https" : "http") + "://127.0.0.1:" + port;
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort();
        }
    }

    private static void guard(JettyHTTPServerEngine engine, Authenticator authenticator) {
        UserStore users = new UserStore();
        users.addUser(Security.USER, new Password(Security.PASSWORD), new String[0]);
        HashLoginService logins = new HashLoginService("depot");
        logins.setUserStore(users);
        SecurityHandler.PathMapped guard = new SecurityHandler.PathMapped();
        guard.put("/*", Constraint.ANY_USER);
        guard.setLoginService(logins);
        guard.setAuthenticator(authenticator);
        engine.setHandlers(List.of(guard)); // CXF puts it around what it serves there
    }
}
