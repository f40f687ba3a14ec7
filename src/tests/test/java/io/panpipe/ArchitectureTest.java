/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.panpipe;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.panpipe.cli.Panpipe;
import io.panpipe.jnr.JnrSockets;
import io.panpipe.junit.PanpipeExtension;
import io.panpipe.testing.SimulatedKernel;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the rules of the house: which room may see which. */
class ArchitectureTest {

    /** What is published: the library, and the modules beside it. */
    private static final JavaClasses CLASSES = new ClassFileImporter().importLocations(
            Stream.of(Loop.class, SimulatedKernel.class, PanpipeExtension.class, JnrSockets.class, Panpipe.class)
                    .map(ArchitectureTest::placeOf)
                    .toList());

    private static final String API = "io.panpipe";
    private static final String KERNEL = "io.panpipe.internal.kernel..";
    private static final String PLATFORM = "io.panpipe.internal.platform..";
    private static final String UNIX = "io.panpipe.internal.unix..";
    private static final String LINUX = "io.panpipe.internal.linux..";
    private static final String BSD = "io.panpipe.internal.bsd..";
    private static final String WINDOWS = "io.panpipe.internal.windows..";
    private static final String SIMULATED = "io.panpipe.internal.simulated..";
    private static final String FFI = "io.panpipe.internal.ffi..";
    private static final String EVENTS = "io.panpipe.internal.events..";
    private static final String LOOP = "io.panpipe.internal.loop..";
    private static final String STREAM = "io.panpipe.internal.stream..";
    private static final String DATAGRAM = "io.panpipe.internal.datagram..";
    private static final String INTERNAL = "io.panpipe.internal..";
    private static final String FRAMING = "io.panpipe.framing..";

    /** Rooms above the public API. */
    private static final String[] UPSTAIRS = {
        FRAMING, "io.panpipe.channels..", "io.panpipe.testing..", "io.panpipe.junit..", "io.panpipe.jnr..", "io.panpipe.cli..",
        "io.panpipe.jshell.."
    };

    private static DescribedPredicate<JavaClass> panpipeOutside(String... allowed) {
        return resideInAPackage("io.panpipe..").and(resideOutsideOfPackages(allowed));
    }

    private static void seesOnly(String room, String... allowed) {
        noClasses().that().resideInAPackage(room).should().dependOnClassesThat(panpipeOutside(allowed))
                .allowEmptyShould(true).check(CLASSES);
    }

    /** Returns the jar that a class is in, or the folder where the build has packed none yet. */
    private static Location placeOf(Class<?> type) {
        try {
            Path place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.isDirectory(place) ? Location.of(place) : Location.of(new JarFile(place.toFile()));
        } catch (URISyntaxException | IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads the library's descriptor by its place: by its name alone, the class loader finds a module of the JDK. */
    private static ModuleDescriptor libraryModule() throws Exception {
        Path place = Path.of(Loop.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return ModuleFinder.of(place).find("io.panpipe").orElseThrow().descriptor();
    }

    @Test
    void theImportFindsTheLibrary() {
        assertTrue(CLASSES.contain(Loop.class));
        assertTrue(CLASSES.contain("io.panpipe.internal.linux.LinuxKernel"));
        assertTrue(CLASSES.contain("io.panpipe.internal.bsd.BsdKernel"));
        assertTrue(CLASSES.contain("io.panpipe.internal.windows.WindowsKernel"));
        assertTrue(CLASSES.contain("io.panpipe.internal.simulated.SimulatedKernel"));
        assertTrue(CLASSES.contain("io.panpipe.junit.PanpipeExtension"));
        assertTrue(CLASSES.contain("io.panpipe.cli.Panpipe"));
        assertTrue(CLASSES.contain("io.panpipe.jnr.JnrSockets"));
        assertTrue(!CLASSES.contain(ArchitectureTest.class));
    }

    /** Each line of the picture: a room, and those that it sees, which all stand below it. */
    private static Map<String, Set<String>> picture() throws IOException {
        String page = Files.readString(Path.of("docs/architecture.md"));
        int begin = page.indexOf("```\n", page.indexOf("## The house")) + 4;
        Map<String, Set<String>> rooms = new LinkedHashMap<>();
        for (String line : page.substring(begin, page.indexOf("```", begin)).split("\n")) {
            String[] sides = line.split("→");
            if (!line.isBlank()) {
                rooms.put(room(sides[0]), sides.length == 1
                        ? Set.of()
                        : Stream.of(sides[1].split(",")).map(ArchitectureTest::room).collect(Collectors.toSet()));
            }
        }
        return rooms;
    }

    private static String room(String name) {
        return name.isBlank() || name.strip().startsWith("io.panpipe") ? name.strip() : "io.panpipe." + name.strip();
    }

    @Test
    void theArrowsAreThoseOfThePicture() throws IOException {
        Map<String, Set<String>> seen = new TreeMap<>();
        for (JavaClass javaClass : CLASSES) {
            Set<String> rooms = seen.computeIfAbsent(javaClass.getPackageName(), name -> new TreeSet<>());
            javaClass.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType().getPackageName())
                    .filter(name -> name.startsWith("io.panpipe") && !name.equals(javaClass.getPackageName()))
                    .forEach(rooms::add);
        }
        Map<String, Set<String>> picture = new TreeMap<>();
        picture().forEach((room, rooms) -> picture.put(room, new TreeSet<>(rooms)));
        assertEquals(picture, seen);
    }

    @Test
    void allArrowsOfThePicturePointDown() throws IOException {
        Map<String, Set<String>> below = picture();
        List<String> order = new ArrayList<>(below.keySet());
        below.forEach((room, rooms) -> rooms.forEach(
                lower -> assertTrue(order.indexOf(lower) > order.indexOf(room), () -> room + " → " + lower)));
    }

    @Test
    void theFrontSeesTheEngineAndTheContractAlone() {
        seesOnly(API, API, STREAM, DATAGRAM, LOOP, KERNEL, PLATFORM);
    }

    @Test
    void theEngineKnowsTheContractAndInterfacesOfItsOwn() {
        seesOnly(LOOP, LOOP, KERNEL, EVENTS);
        seesOnly(STREAM, STREAM, LOOP, KERNEL, EVENTS);
        seesOnly(DATAGRAM, DATAGRAM, LOOP, KERNEL);
        noClasses().that(resideOutsideOfPackages(LOOP, STREAM, DATAGRAM, API)).should()
                .dependOnClassesThat(resideInAnyPackage(LOOP, DATAGRAM)).check(CLASSES);
    }

    /** Where policy lives: who is told, what is caught, what is sent then. */
    @Test
    void theUsersCodeIsEnteredInOneClass() {
        Set<String> callbacks = Set.of("HandleCallback", "StreamCallback", "ReadCallback", "HandleReadCallback",
                "UdpReceiveCallback", "LoopExceptionHandler");
        noClasses().that(resideInAnyPackage(API, INTERNAL)).and(describe("are not UserCode", entering ->
                        !entering.getName().equals("io.panpipe.UserCode")))
                .should().callMethodWhere(describe("calls the user back", call ->
                        call.getTargetOwner().getPackageName().equals(API)
                                && callbacks.contains(call.getTargetOwner().getSimpleName())))
                .check(CLASSES);
    }

    @Test
    void aHandleIsFourClassesDeepAtTheMost() {
        for (JavaClass handle : CLASSES) {
            if (handle.isAssignableTo(Handle.class)) {
                List<String> layers = new ArrayList<>(List.of(handle.getName()));
                handle.getAllRawSuperclasses().stream()
                        .map(JavaClass::getName)
                        .filter(name -> name.startsWith("io.panpipe"))
                        .forEach(layers::add);
                assertTrue(layers.size() <= 4, layers::toString);
                assertTrue(handle.getModifiers().contains(JavaModifier.PUBLIC), handle::getName);
            }
        }
    }

    @Test
    void theKernelContractSeesNobody() {
        seesOnly(KERNEL, KERNEL);
    }

    @Test
    void platformPicksAndNobodyElseSeesTheRoomsOfOperatingSystems() {
        seesOnly(PLATFORM, PLATFORM, KERNEL, LINUX, BSD, WINDOWS);
        for (String room : new String[] {LINUX, BSD, WINDOWS}) {
            noClasses().that(resideOutsideOfPackages(PLATFORM, room)).should().dependOnClassesThat(resideInAPackage(room))
                    .check(CLASSES);
        }
        noClasses().that(resideOutsideOfPackages(UNIX, LINUX, BSD)).should()
                .dependOnClassesThat(resideInAPackage(UNIX)).check(CLASSES);
    }

    @Test
    void theEventsSeeNobodyAndOnlyTheEngineSeesThem() {
        seesOnly(EVENTS, EVENTS);
        noClasses().that(resideOutsideOfPackages(EVENTS, LOOP, STREAM)).should()
                .dependOnClassesThat(resideInAPackage(EVENTS)).check(CLASSES);
    }

    @Test
    void roomsOfOperatingSystemsNeverSeeThePublicApi() {
        seesOnly(UNIX, UNIX, KERNEL, FFI);
        seesOnly(LINUX, LINUX, UNIX, KERNEL, FFI);
        seesOnly(BSD, BSD, UNIX, KERNEL, FFI);
        seesOnly(WINDOWS, WINDOWS, KERNEL, FFI);
        seesOnly(FFI, FFI);
    }

    @Test
    void theSimulatedKernelSeesTheContractAlone() {
        seesOnly(SIMULATED, SIMULATED, KERNEL);
        noClasses().that(resideOutsideOfPackages(SIMULATED, "io.panpipe.testing..")).should()
                .dependOnClassesThat(resideInAPackage(SIMULATED)).check(CLASSES);
    }

    @Test
    void testingSeesTheApiTheSimulatedKernelAndItsVocabulary() {
        seesOnly("io.panpipe.testing..", "io.panpipe.testing..", API, SIMULATED, KERNEL);
    }

    @Test
    void linuxAndTheBsdsNeverSeeEachOther() {
        noClasses().that().resideInAPackage(LINUX).should().dependOnClassesThat(resideInAPackage(BSD)).check(CLASSES);
        noClasses().that().resideInAPackage(BSD).should().dependOnClassesThat(resideInAPackage(LINUX)).check(CLASSES);
        noClasses().that().resideInAPackage(UNIX).should().dependOnClassesThat(resideInAnyPackage(LINUX, BSD)).check(CLASSES);
    }

    @Test
    void unixAndWindowsNeverSeeEachOther() {
        noClasses().that(resideInAnyPackage(UNIX, LINUX, BSD)).should().dependOnClassesThat(resideInAPackage(WINDOWS))
                .check(CLASSES);
        noClasses().that(resideInAPackage(WINDOWS)).should().dependOnClassesThat(resideInAnyPackage(UNIX, LINUX, BSD))
                .allowEmptyShould(true).check(CLASSES);
    }

    @Test
    void nobodySeesTheRoomsUpstairs() {
        noClasses().that(resideOutsideOfPackages(UPSTAIRS)).should().dependOnClassesThat(resideInAnyPackage(UPSTAIRS))
                .check(CLASSES);
        seesOnly("io.panpipe.cli..", "io.panpipe.cli..", API);
        seesOnly("io.panpipe.jshell..", "io.panpipe.jshell..", "io.panpipe.channels..", API);
        seesOnly("io.panpipe.channels..", "io.panpipe.channels..", FRAMING, API, STREAM);
        seesOnly(FRAMING, FRAMING, API);
        seesOnly("io.panpipe.jnr..", "io.panpipe.jnr..", API);
        seesOnly("io.panpipe.junit..", "io.panpipe.junit..", "io.panpipe.testing..", API);
    }

    /** Channels stand on the public API, but for the one class by which threads read and write for themselves. */
    @Test
    void channelsReachTheEngineThroughOneClass() {
        noClasses().that(resideOutsideOfPackages(STREAM, API, "io.panpipe.channels..")).should()
                .dependOnClassesThat(resideInAPackage(STREAM)).check(CLASSES);
        noClasses().that().resideInAPackage("io.panpipe.channels..").should()
                .dependOnClassesThat(resideInAPackage(INTERNAL).and(describe("another class than CallerIo", seen ->
                        !seen.getName().matches("io\\.panpipe\\.internal\\.stream\\.CallerIo(\\$.*)?"))))
                .check(CLASSES);
    }

    @Test
    void foreignMemoryIsForTheRoomsOfOperatingSystems() {
        noClasses().that(resideOutsideOfPackages(FFI, UNIX, LINUX, BSD, WINDOWS, SIMULATED)).should()
                .dependOnClassesThat(resideInAPackage("java.lang.foreign..")).check(CLASSES);
    }

    @Test
    void onlyFfiLinksLooksUpAndReinterprets() {
        noClasses().that(resideOutsideOfPackages(FFI)).should()
                .dependOnClassesThat(describe("link functions", ArchitectureTest::links)).check(CLASSES);
        noClasses().that(resideOutsideOfPackages(FFI)).should()
                .callMethodWhere(describe("reinterprets memory", call -> call.getName().equals("reinterpret")))
                .check(CLASSES);
        noClasses().should().callMethodWhere(describe("loads a native library", call ->
                Set.of("loadLibrary", "load").contains(call.getName())
                        && Set.of("java.lang.System", "java.lang.Runtime").contains(call.getTargetOwner().getName())))
                .check(CLASSES);
    }

    private static boolean links(JavaClass javaClass) {
        return javaClass.getName().matches("java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor)(\\$.*)?");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().assignedFrom(new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                return SliceIdentifier.of(javaClass.getPackageName());
            }

            @Override
            public String getDescription() {
                return "each package";
            }
        }).should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void optionalDependenciesStayInTheirRooms() {
        noClasses().that(resideOutsideOfPackages("io.panpipe.cli..")).should()
                .dependOnClassesThat(resideInAPackage("picocli..")).check(CLASSES);
        noClasses().that(resideOutsideOfPackages("io.panpipe.jnr..")).should()
                .dependOnClassesThat(resideInAPackage("jnr..")).check(CLASSES);
        noClasses().that(resideOutsideOfPackages("io.panpipe.junit..")).should()
                .dependOnClassesThat(resideInAPackage("org.junit..")).check(CLASSES);
        classes().that(resideInAPackage(EVENTS)).should()
                .onlyDependOnClassesThat(resideInAnyPackage(EVENTS, "java..", "jdk.jfr..", "org.jspecify.annotations.."))
                .check(CLASSES);
        classes().that(resideOutsideOfPackages(UPSTAIRS)).and(resideOutsideOfPackages(EVENTS)).should()
                .onlyDependOnClassesThat(resideInAnyPackage("io.panpipe..", "java..", "org.jspecify.annotations.."))
                .check(CLASSES);
    }

    // What users see.

    @Test
    void noPublicMethodOrFieldShowsAnInternalType() {
        List<String> leaks = new ArrayList<>();
        for (JavaClass javaClass : visibleClasses()) {
            Stream.concat(javaClass.getRawInterfaces().stream(), javaClass.getRawSuperclass().stream())
                    .filter(ArchitectureTest::isInternal)
                    .forEach(parent -> leaks.add(javaClass.getName() + " extends " + parent.getName()));
            for (JavaMember member : javaClass.getMembers()) {
                if (isVisible(member) && typesOf(member).anyMatch(ArchitectureTest::isInternal)) {
                    leaks.add(member.getFullName());
                }
            }
        }
        assertEquals(List.of(), leaks);
    }

    /** Public classes of exported packages, and the classes of theirs that a public one extends. */
    private static Set<JavaClass> visibleClasses() {
        return CLASSES.stream()
                .filter(javaClass -> !isInternal(javaClass) && javaClass.getModifiers().contains(JavaModifier.PUBLIC))
                .flatMap(javaClass -> Stream.concat(Stream.of(javaClass), javaClass.getAllRawSuperclasses().stream()))
                .filter(javaClass -> javaClass.getPackageName().startsWith("io.panpipe"))
                .collect(Collectors.toSet());
    }

    private static boolean isVisible(JavaMember member) {
        return (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED))
                && !member.getModifiers().contains(JavaModifier.SYNTHETIC);
    }

    private static Stream<JavaClass> typesOf(JavaMember member) {
        if (member instanceof JavaCodeUnit unit) {
            return Stream.of(
                            Stream.of(unit.getRawReturnType()),
                            unit.getRawParameterTypes().stream(),
                            unit.getExceptionTypes().stream())
                    .flatMap(types -> types);
        }
        return member.getAllInvolvedRawTypes().stream();
    }

    private static boolean isInternal(JavaClass type) {
        return resideInAPackage(INTERNAL).test(type.getBaseComponentType());
    }

    @Test
    void theModuleExportsNothingInternal() throws Exception {
        Set<String> exported = new TreeSet<>();
        for (ModuleDescriptor.Exports exports : libraryModule().exports()) {
            if (!exports.isQualified()) {
                exported.add(exports.source());
            }
        }
        assertTrue(exported.containsAll(Set.of("io.panpipe", "io.panpipe.framing", "io.panpipe.channels")));
        assertTrue(exported.stream().noneMatch(name -> name.contains("internal")), exported::toString);
    }

    /** "requires static" of it would break the tests of every modular program that uses Panpipe. */
    @Test
    void theLibraryKnowsNothingOfJUnitNorCarriesTheOtherModules() throws Exception {
        ModuleDescriptor module = libraryModule();
        for (String room : List.of("junit", "testing", "internal.simulated", "cli", "jshell", "jnr")) {
            assertFalse(module.packages().contains("io.panpipe." + room), room);
        }
        assertTrue(module.requires().stream().noneMatch(required -> required.name().contains("junit")));
    }

    @Test
    void onlyTheCommandAndThePromptPrintOrExit() {
        noClasses().that(resideOutsideOfPackages("io.panpipe.cli..", "io.panpipe.jshell..")).should()
                .accessField(System.class, "out").orShould().accessField(System.class, "err")
                .orShould().callMethod(System.class, "exit", int.class).check(CLASSES);
    }
}
