using System.Reflection;
using System.Reflection.Emit;

namespace Winnow.Kernels.Rules.Tests.Il;

/// <summary>Turns the tokens in a method's body into members, closed over the method's own type arguments.</summary>
internal sealed class TokenResolver(MethodBase method)
{
    private readonly Module _module = method.Module;
    private readonly Type[] _typeArguments = method.DeclaringType?.GetGenericArguments() ?? [];
    private readonly Type[] _methodArguments = method is MethodInfo ? method.GetGenericArguments() : [];

    /// <summary>The member, type or string that a token names.</summary>
    public object? Resolve(OperandType operand, int token) => operand switch
    {
        OperandType.InlineMethod => _module.ResolveMethod(token, _typeArguments, _methodArguments),
        OperandType.InlineField => _module.ResolveField(token, _typeArguments, _methodArguments),
        OperandType.InlineType => _module.ResolveType(token, _typeArguments, _methodArguments),
        OperandType.InlineTok => _module.ResolveMember(token, _typeArguments, _methodArguments),
        OperandType.InlineString => _module.ResolveString(token),
        OperandType.InlineSig => "signature",
        _ => throw new NotSupportedException($"Operand type '{operand}' of method '{method.Name}' is not known to the reader."),
    };
}
