using System.Diagnostics.CodeAnalysis;

namespace ILGPU.Runtime.Cuda;

/// <summary>Inline PTX, which only CUDA devices run: in this edition the calls compile, and throw when they are reached.</summary>
public static class CudaAsm
{
    /// <summary>Whether the device runs PTX; never in this edition. Kernels that use it have another way behind this.</summary>
    public static bool IsSupported => false;

    /// <summary>Runs an instruction without operands.</summary>
    /// <param name="asm">The PTX text.</param>
    public static void Emit(string asm) => throw Unsupported(asm);

    /// <summary>Runs an instruction.</summary>
    /// <typeparam name="T0">The type of operand 0.</typeparam>
    /// <param name="asm">The PTX text; its operands are %0, %1 and so on.</param>
    /// <param name="arg0">Operand 0.</param>
    public static void Emit<T0>(string asm, T0 arg0)
        where T0 : struct
        => throw Unsupported(asm);

    /// <summary>Runs an instruction that writes its first operand.</summary>
    /// <typeparam name="T0">The type of operand 0.</typeparam>
    /// <param name="asm">The PTX text; its operands are %0, %1 and so on.</param>
    /// <param name="arg0">Operand 0.</param>
    public static void Emit<T0>(string asm, out T0 arg0)
        where T0 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1>(string asm, T0 arg0, T1 arg1)
        where T0 : struct where T1 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1>(string asm, out T0 arg0, T1 arg1)
        where T0 : struct where T1 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2>(string asm, T0 arg0, T1 arg1, T2 arg2)
        where T0 : struct where T1 : struct where T2 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2>(string asm, out T0 arg0, T1 arg1, T2 arg2)
        where T0 : struct where T1 : struct where T2 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7, T8>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7, T8>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(string asm, T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct
        => throw Unsupported(asm);

    /// <inheritdoc cref="Emit{T0}(string, out T0)"/>
    public static void Emit<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(string asm, out T0 arg0, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9)
        where T0 : struct where T1 : struct where T2 : struct where T3 : struct
        where T4 : struct where T5 : struct where T6 : struct where T7 : struct
        where T8 : struct where T9 : struct
        => throw Unsupported(asm);

    /// <summary>Runs an instruction whose operands say themselves whether they are read or written.</summary>
    /// <typeparam name="T0">The type of operand 0.</typeparam>
    /// <param name="asm">The PTX text; its operands are %0, %1 and so on.</param>
    /// <param name="arg0">Operand 0.</param>
    public static void EmitRef<T0>(string asm, ref T0 arg0)
        where T0 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1>(string asm, ref T0 arg0, ref T1 arg1)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20, ref T21 arg21)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter where T21 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20, ref T21 arg21, ref T22 arg22)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter where T21 : struct, ICudaAsmEmitParameter where T22 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20, ref T21 arg21, ref T22 arg22, ref T23 arg23)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter where T21 : struct, ICudaAsmEmitParameter where T22 : struct, ICudaAsmEmitParameter where T23 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23, T24>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20, ref T21 arg21, ref T22 arg22, ref T23 arg23, ref T24 arg24)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter where T21 : struct, ICudaAsmEmitParameter where T22 : struct, ICudaAsmEmitParameter where T23 : struct, ICudaAsmEmitParameter
        where T24 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    /// <inheritdoc cref="EmitRef{T0}(string, ref T0)"/>
    public static void EmitRef<T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23, T24, T25>(string asm, ref T0 arg0, ref T1 arg1, ref T2 arg2, ref T3 arg3, ref T4 arg4, ref T5 arg5, ref T6 arg6, ref T7 arg7, ref T8 arg8,
        ref T9 arg9, ref T10 arg10, ref T11 arg11, ref T12 arg12, ref T13 arg13, ref T14 arg14, ref T15 arg15, ref T16 arg16,
        ref T17 arg17, ref T18 arg18, ref T19 arg19, ref T20 arg20, ref T21 arg21, ref T22 arg22, ref T23 arg23, ref T24 arg24,
        ref T25 arg25)
        where T0 : struct, ICudaAsmEmitParameter where T1 : struct, ICudaAsmEmitParameter where T2 : struct, ICudaAsmEmitParameter where T3 : struct, ICudaAsmEmitParameter
        where T4 : struct, ICudaAsmEmitParameter where T5 : struct, ICudaAsmEmitParameter where T6 : struct, ICudaAsmEmitParameter where T7 : struct, ICudaAsmEmitParameter
        where T8 : struct, ICudaAsmEmitParameter where T9 : struct, ICudaAsmEmitParameter where T10 : struct, ICudaAsmEmitParameter where T11 : struct, ICudaAsmEmitParameter
        where T12 : struct, ICudaAsmEmitParameter where T13 : struct, ICudaAsmEmitParameter where T14 : struct, ICudaAsmEmitParameter where T15 : struct, ICudaAsmEmitParameter
        where T16 : struct, ICudaAsmEmitParameter where T17 : struct, ICudaAsmEmitParameter where T18 : struct, ICudaAsmEmitParameter where T19 : struct, ICudaAsmEmitParameter
        where T20 : struct, ICudaAsmEmitParameter where T21 : struct, ICudaAsmEmitParameter where T22 : struct, ICudaAsmEmitParameter where T23 : struct, ICudaAsmEmitParameter
        where T24 : struct, ICudaAsmEmitParameter where T25 : struct, ICudaAsmEmitParameter
        => throw Unsupported(asm);

    [DoesNotReturn]
    private static NotSupportedException Unsupported(string asm)
        => throw new NotSupportedException($"The instruction '{asm}' was reached, but only CUDA devices run PTX; ask 'CudaAsm.IsSupported' first.");
}
