/*
 * Copyright 2026 The Panpipe authors
 * SPDX-License-Identifier: Apache-2.0
 */

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes classes that were compiled for Java 22 run on Java 21, where the foreign-function API is a preview of 22's.
 *
 * <p>The class version becomes 21's, without the mark of a preview, so that the JVM needs no option; and calls of what
 * the preview names or does differently go to {@link Shim21}.
 */
final class Downgrade {

    private static final int JAVA_21 = 65;

    private final ClassFile classFile;
    private final ShimTable shims;

    /**
     * Prepares for classes of some class path.
     *
     * @param classPath where the classes, and all that they extend, are found: the verifier's frames are computed anew
     */
    Downgrade(List<Path> classPath, ShimTable shims) throws MalformedURLException {
        this.shims = shims;
        List<URL> urls = new ArrayList<>();
        for (Path path : classPath) {
            urls.add(path.toUri().toURL());
        }
        ClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new));
        // A new constant pool, because references to what was replaced would stay in the old one.
        classFile = ClassFile.of(
                ClassFile.ConstantPoolSharingOption.NEW_POOL,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(loader)));
    }

    /** Rewrites all classes below a folder, and copies its other files; what an earlier folder had stays. */
    void folder(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(from)) {
            files = tree.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path copy = to.resolve(from.relativize(file));
            if (Files.exists(copy)) {
                continue;
            }
            Files.createDirectories(copy.getParent());
            if (file.toString().endsWith(".class")) {
                Files.write(copy, rewrite(Files.readAllBytes(file)));
            } else {
                Files.copy(file, copy);
            }
        }
    }

    /** Adds what the redirected calls call. */
    void addShims(Path to) throws IOException {
        String name = Shim21.class.getName() + ".class";
        try (InputStream compiled = Shim21.class.getResourceAsStream(name)) {
            ClassModel model = classFile.parse(compiled.readAllBytes());
            Files.write(to.resolve(name), classFile.transformClass(model, Downgrade::setVersion));
        }
    }

    private byte[] rewrite(byte[] compiled) {
        ClassTransform calls = ClassTransform.transformingMethodBodies(this::redirect);
        return classFile.transformClass(classFile.parse(compiled), calls.andThen(Downgrade::setVersion));
    }

    private static void setVersion(ClassBuilder builder, ClassElement element) {
        if (element instanceof ClassFileVersion) {
            builder.withVersion(JAVA_21, 0);
        } else {
            builder.with(element);
        }
    }

    private void redirect(CodeBuilder builder, CodeElement element) {
        if (element instanceof InvokeInstruction call) {
            Optional<ShimTable.Shim> shim = shims.insteadOf(call);
            if (shim.isPresent()) {
                builder.invokestatic(shim.get().owner(), shim.get().name(), shim.get().type());
                return;
            }
        }
        builder.with(element);
    }
}
