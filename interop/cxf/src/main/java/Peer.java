import jakarta.xml.ws.WebEndpoint;
import jakarta.xml.ws.WebServiceClient;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.LogManager;
import javax.wsdl.Port;
import javax.xml.namespace.QName;
import org.apache.cxf.Bus;
import org.apache.cxf.BusFactory;
import org.apache.cxf.binding.soap.SOAPBindingUtil;
import org.apache.cxf.helpers.FileUtils;
import org.apache.cxf.jaxws.JaxWsServerFactoryBean;
import org.apache.cxf.tools.common.ToolContext;
import org.apache.cxf.tools.wsdlto.WSDLToJava;
import org.apache.cxf.transport.http_jetty.JettyHTTPServerEngineFactory;
import org.apache.cxf.wsdl.WSDLManager;

/** Serves every port of the WSDLs given, through the classes that CXF's wsdl2java makes of them. */
public final class Peer {
    private static final InvocationHandler FILLED = Answer::answer;

    private final Bus bus = BusFactory.getDefaultBus();
    private final Set<String> paths = new HashSet<>();
    private final String http = "http://127.0.0.1:" + Doors.freePort();
    private final int tlsPort = Doors.freePort();
    /** Where ports are served that have a place of their own, by their names. */
    private final Map<String, String> doors = new HashMap<>();
    private final Path work;
    private final Contract.Copier contracts;
    /** Null until a contract asks for it. */
    private Security security;
    private InvocationHandler answer = FILLED;
    /** Whether requests are checked by their schema. */
    private boolean checks = true;

    private Peer(Path work) throws IOException {
        this.work = work;
        contracts = new Contract.Copier(Files.createDirectory(work.resolve("contracts")));
    }

    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset(); // CXF's log would quote payload
        URL.setURLStreamHandlerFactory(protocol -> protocol.startsWith("http") ? new NoNetwork() : null);
        Path work = Files.createTempDirectory("cxf-peer");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> FileUtils.removeDir(work.toFile())));
        int status = 1;
        try {
            Peer peer = new Peer(work);
            for (String argument : arguments) {
                Path file = Path.of(argument).toAbsolutePath();
                if (argument.equals("--echo")) {
                    peer.answer = Echo::answer;
                } else if (argument.equals("--seen")) {
                    peer.answer = Seen::answer;
                } else if (argument.equals("--unchecked")) {
                    peer.checks = false;
                } else if (argument.contains("=")) {
                    String[] door = argument.split("=");
                    peer.doors.put(door[0], Doors.open(door[1], peer.engines(), peer.security));
                } else if (argument.endsWith(".pem")) {
                    peer.secure(file);
                } else {
                    peer.serve(file);
                }
            }
            System.out.println("SERVING");
            while (System.in.read() >= 0) {
                // until whoever started this peer closes its standard input
            }
            status = 0;
        } catch (Exception e) {
            e.printStackTrace();
        }
        System.exit(status); // Jetty's threads would keep it alive
    }

    private void secure(Path client) throws Exception {
        security = new Security(work, client);
        engines().setTLSServerParametersForPort("127.0.0.1", tlsPort, security.tls());
    }

    private JettyHTTPServerEngineFactory engines() {
        return bus.getExtension(JettyHTTPServerEngineFactory.class);
    }

    private void serve(Path source) throws Exception {
        Contract contract = contracts.copy(source);
        String wsdl = contract.copy().toString();
        Path dir = Files.createTempDirectory(work, "classes");
        Path sources = Files.createDirectories(dir.resolve("src"));
        Path classes = Files.createDirectories(dir.resolve("classes"));
        List<String> arguments = new ArrayList<>(List.of("-quiet", "-bareMethods", "-exsh", "true", "-autoNameResolution",
            "-d", sources.toString(), "-compile", "-classdir", classes.toString()));
        if (answer == FILLED) { // an echo has to tell nil from absent
            arguments.addAll(List.of("-b", Peer.class.getResource("/binding.xml").toString()));
        }
        arguments.add(wsdl);
        new WSDLToJava(arguments.toArray(String[]::new)).run(new ToolContext());
        // a loader per WSDL: several contracts share packages
        ClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Peer.class.getClassLoader());
        Thread.currentThread().setContextClassLoader(loader);
        List<Path> files;
        try (var walk = Files.walk(classes)) {
            files = walk.filter(f -> f.toString().endsWith(".class")).sorted().toList();
        }
        for (Path file : files) {
            String name = classes.relativize(file).toString().replace(classes.getFileSystem().getSeparator(), ".");
            Class<?> service = loader.loadClass(name.substring(0, name.length() - ".class".length()));
            WebServiceClient about = service.getAnnotation(WebServiceClient.class);
            for (Method method : about == null ? new Method[0] : service.getMethods()) {
                WebEndpoint endpoint = method.getAnnotation(WebEndpoint.class);
                if (endpoint != null && method.getParameterCount() == 0) {
                    publish(contract, new QName(about.targetNamespace(), about.name()), endpoint.name(), method.getReturnType());
                }
            }
        }
    }

    private void publish(Contract contract, QName service, String portName, Class<?> type) throws Exception {
        String wsdl = contract.copy().toString();
        // the contract's own path, so that a client need replace only scheme, host and port
        Port port = bus.getExtension(WSDLManager.class).getDefinition(wsdl).getService(service).getPort(portName);
        String path = new URI(SOAPBindingUtil.getSoapAddress(port.getExtensibilityElements().get(0)).getLocationURI()).getPath();
        while (!paths.add(path)) {
            path += "_";
        }
        String address = doors.getOrDefault(portName, contract.secured() ? "https://127.0.0.1:" + tlsPort : http) + path;
        JaxWsServerFactoryBean factory = new JaxWsServerFactoryBean();
        factory.setBus(bus);
        factory.setServiceClass(type);
        factory.setServiceBean(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answer));
        factory.setWsdlURL(wsdl);
        factory.setServiceName(service);
        factory.setEndpointName(new QName(service.getNamespaceURI(), portName));
        factory.setAddress(address);
        // the schema's validator would hold a whole stream in memory
        factory.getProperties(true).put("schema-validation-enabled", checks && !contract.mtom() ? "BOTH" : "NONE");
        factory.getProperties().put("mtom-enabled", contract.mtom());
        factory.getProperties().put("attachment-max-size", "-1");
        if (contract.secured()) {
            factory.getProperties().putAll(security.properties());
        }
        factory.create();
        System.out.println("READY " + portName + " " + address + (address.startsWith("https") ? " " + security.root : ""));
    }

    /** An import that is not a file fails instead of being fetched. */
    private static final class NoNetwork extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            throw new IOException("not fetched: " + url);
        }
    }
}
