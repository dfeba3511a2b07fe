using System.Reflection;

namespace ILGPU.Compiler;

/// <summary>Where the arguments of a kernel lie in the block that a launch fills.</summary>
/// <param name="Places">One for each parameter.</param>
/// <param name="Bytes">The size of the block.</param>
internal sealed record ArgumentLayout(IReadOnlyList<ArgumentLayout.Place> Places, int Bytes)
{
    private const int AlignmentBytes = 16;

    /// <summary>Lays out a kernel's arguments.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="isImplicit">Whether its first parameter is the index.</param>
    /// <returns>The layout.</returns>
    /// <exception cref="InternalCompilerException">A parameter is not plain data.</exception>
    internal static ArgumentLayout Of(MethodInfo kernel, bool isImplicit)
    {
        List<Place> places = [];
        int offset = 0;
        foreach (ParameterInfo parameter in kernel.GetParameters())
        {
            Type type = parameter.ParameterType;
            if (isImplicit && parameter.Position == 0)
            {
                if (type != typeof(Index1D) && type != typeof(Index2D) && type != typeof(Index3D))
                {
                    throw new InternalCompilerException($"The first parameter of the implicitly grouped kernel '{kernel.Name}' is of type '{type.Name}'; it must be Index1D, Index2D or Index3D.");
                }

                places.Add(new(type, -1, true));
                continue;
            }

            if (type.IsByRef || TypeLayout.HasReferences(type))
            {
                throw new InternalCompilerException($"Parameter '{parameter.Name}' of kernel '{kernel.Name}' is of type '{type.Name}'; kernels take structs without references.");
            }

            places.Add(new(type, offset, false));
            offset += (TypeLayout.SizeOf(type) + AlignmentBytes - 1) & -AlignmentBytes;
        }

        return new(places, offset);
    }

    /// <summary>Where one argument lies.</summary>
    /// <param name="Type">Its type.</param>
    /// <param name="Offset">Its offset in the block; negative where it is not there.</param>
    /// <param name="IsImplicitIndex">Whether it is the index, which the lane has.</param>
    internal sealed record Place(Type Type, int Offset, bool IsImplicitIndex);
}
