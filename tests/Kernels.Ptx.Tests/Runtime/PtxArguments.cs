using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Kernels.Ptx.Tests.Runtime;

/// <summary>Lays parameters out as a CUDA kernel takes them: structs by their natural alignment, a view as an address and a count of 64 bits.</summary>
internal sealed class PtxArguments
{
    private readonly List<(long Start, long Length)> _views = [];

    /// <summary>The memory of all views that were written.</summary>
    public IReadOnlyList<(long Start, long Length)> Views => _views;

    /// <summary>The bytes of one parameter.</summary>
    public byte[] Write(object parameter)
    {
        var bytes = new List<byte>();
        Append(bytes, parameter);
        return [.. bytes];
    }

    private void Append(List<byte> bytes, object value)
    {
        Type type = value.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>))
        {
            Pad(bytes, sizeof(long));
            (long start, long count, long length) = ((long, long, long))GetType()
                .GetMethod(nameof(Measure), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(type.GetGenericArguments())
                .Invoke(null, [value])!;
            _views.Add((start, length));
            bytes.AddRange(BitConverter.GetBytes(start));
            bytes.AddRange(BitConverter.GetBytes(count));
            return;
        }

        Pad(bytes, AlignmentOf(type));
        if (type.IsPrimitive || type.IsEnum || type == typeof(ILGPU.Half))
        {
            byte[] number = new byte[type.IsEnum ? Marshal.SizeOf(Enum.GetUnderlyingType(type)) : Marshal.SizeOf(type)];
            GCHandle handle = GCHandle.Alloc(number, GCHandleType.Pinned);
            Marshal.StructureToPtr(type.IsEnum ? Convert.ChangeType(value, Enum.GetUnderlyingType(type), null) : value, handle.AddrOfPinnedObject(), fDeleteOld: false);
            handle.Free();
            bytes.AddRange(number);
            return;
        }

        foreach (FieldInfo field in Fields(type))
        {
            Append(bytes, field.GetValue(value)!);
        }

        Pad(bytes, AlignmentOf(type));
    }

    private static (long Start, long Count, long Length) Measure<T>(ArrayView<T> view)
        where T : unmanaged =>
        (view.Length == 0 ? 0 : view.LoadEffectiveAddressAsPtr(), view.Length, view.LengthInBytes);

    private static int AlignmentOf(Type type) => type switch
    {
        { IsEnum: true } => AlignmentOf(Enum.GetUnderlyingType(type)),
        { IsPrimitive: true } => Marshal.SizeOf(type),
        { IsGenericType: true } when type.GetGenericTypeDefinition() == typeof(ArrayView<>) => sizeof(long),
        _ when type == typeof(ILGPU.Half) => sizeof(short),
        _ => Fields(type).Max(field => AlignmentOf(field.FieldType)),
    };

    private static void Pad(List<byte> bytes, int alignment)
    {
        while (bytes.Count % alignment != 0)
        {
            bytes.Add(0);
        }
    }

    private static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OrderBy(field => field.MetadataToken);
}
